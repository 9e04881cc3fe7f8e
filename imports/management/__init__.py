"""Commands of operators for imports."""
