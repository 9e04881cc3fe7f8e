"""Commands of the carrier about people, one a file."""
