"""The pages of a person: one noun a file."""
