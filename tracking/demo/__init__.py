"""A believable network of parcels for the demonstration: pickup points, parcels, what happened to them, claims."""

from tracking.demo.claims import build as build_claims
from tracking.demo.parcels import build as build_parcels
from tracking.demo.points import build as build_points

__all__ = ["build_claims", "build_parcels", "build_points"]
