"""French dates, times and numbers: 21/11/2026, 14 h 05, 10 000, with spaces that do not break."""

SHORT_DATE_FORMAT = "d/m/Y"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
SHORT_DATETIME_FORMAT = f"d/m/Y \\à {TIME_FORMAT}"
DATETIME_FORMAT = f"j F Y \\à {TIME_FORMAT}"
THOUSAND_SEPARATOR = "\u202f"
