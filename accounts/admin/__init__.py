"""Accounts as the carrier's staff see them and put them right, with their groups, documents and trace."""

from accounts.admin import accounts, documents, groups, trace

__all__ = ["accounts", "documents", "groups", "trace"]
