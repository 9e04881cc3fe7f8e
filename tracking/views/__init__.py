"""The screens of parcels: the tracking tool, claims, the dashboard, ColiShip."""
