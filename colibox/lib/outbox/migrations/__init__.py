"""Schema changes, one named step each."""
