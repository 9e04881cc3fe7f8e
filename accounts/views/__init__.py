"""The pages of an account itself."""
