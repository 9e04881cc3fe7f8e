"""Changes of the tables of parcels, in order."""
