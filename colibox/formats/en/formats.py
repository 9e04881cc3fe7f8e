"""English dates and times, day first as the portal's readers write them: 21 Nov 2026, 14:05."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
DATETIME_FORMAT = r"j F Y \a\t H:i"
