"""Parcels with their events, claims, pickup points, and the trace of web service calls."""
