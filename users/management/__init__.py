"""Commands of the carrier about people."""
