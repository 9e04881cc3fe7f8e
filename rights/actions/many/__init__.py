"""Many people at once: entries in, outcomes out, in a few statements however many they are."""
