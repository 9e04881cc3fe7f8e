"""The web services under /ws/."""
