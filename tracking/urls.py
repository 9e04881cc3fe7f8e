"""Addresses of what the rights open: tracking, franking, claims."""

from django.urls import URLPattern, path

from tracking.views import claims, parcels

app_name = "tracking"

urlpatterns: list[URLPattern] = [
    path("tracking/", parcels.parcels, name="parcels"),
    path("tracking/claims/", claims.claims, name="claims"),
    path("tracking/claims/<uuid:uuid>/", claims.claim, name="claim"),
    path("tracking/claims/<uuid:uuid>/close/", claims.close_claim, name="close_claim"),
    path("tracking/<str:parcel_number>/claim/", claims.file_claim, name="file_claim"),
    path("tracking/<str:parcel_number>/", parcels.parcel, name="parcel"),
]
