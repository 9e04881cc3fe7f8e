"""Commands of accounts and their trace."""
