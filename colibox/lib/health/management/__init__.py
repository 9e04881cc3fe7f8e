"""The command of health."""
