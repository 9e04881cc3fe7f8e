"""Imports: ours against a bare COPY of what ours makes, and against django-import-export row by row."""
