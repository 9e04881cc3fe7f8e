"""What the commands have in common that bring in rows from a CSV file: a leaf that names no app."""
