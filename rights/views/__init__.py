"""The screens of who may do what."""
