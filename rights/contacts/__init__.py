"""The directory of contacts: its page and its file."""
