"""Whether everything that the portal stands on is there: for `manage.py doctor`, a leaf that names no app."""
