"""Dates and times in French."""
