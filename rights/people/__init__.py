"""The list of people of an account: what is asked of it, its tables and rows, its file, who of it an act is about."""
