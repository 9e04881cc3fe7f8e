"""Commands of operators for parcels."""
