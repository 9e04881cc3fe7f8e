"""The carrier's staff pages, a leaf that each app's admin.py builds on."""
