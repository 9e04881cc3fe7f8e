"""Reviews of access: their pages and their statement."""
