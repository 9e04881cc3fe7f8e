"""Files of people: read, shown before anything happens, then applied row by row; the result kept a week."""
