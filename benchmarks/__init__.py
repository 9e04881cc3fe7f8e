"""Figures that anyone can run again; each prints one JSON object as its last line."""
