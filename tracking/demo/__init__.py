"""A believable network of parcels for the demonstration: pickup points, parcels, and what happened to them."""

from tracking.demo.parcels import build as build_parcels
from tracking.demo.points import build as build_points

__all__ = ["build_parcels", "build_points"]
