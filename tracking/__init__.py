"""Parcels and what is done with them: tracked, franked, claimed about, asked for by web services."""
