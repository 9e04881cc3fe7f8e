"""Addresses of what the rights open: tracking, franking, claims."""

from django.urls import URLPattern, path

from tracking.views import claims, dashboard, deposits, export, franking, parcel_files, parcels, shipping, would_see

app_name = "tracking"

urlpatterns: list[URLPattern] = [
    path("tracking/", parcels.parcels, name="parcels"),
    path("tracking/dashboard/", dashboard.dashboard, name="dashboard"),
    path("tracking/export/", export.export, name="export"),
    path("tracking/claims/", claims.claims, name="claims"),
    path("tracking/claims/<uuid:uuid>/", claims.claim, name="claim"),
    path("tracking/claims/<uuid:uuid>/close/", claims.close_claim, name="close_claim"),
    path("tracking/<str:parcel_number>/claim/", claims.file_claim, name="file_claim"),
    path("tracking/<str:parcel_number>/", parcels.parcel, name="parcel"),
    path("accounts/<digits:number>/users/would-see/", would_see.would_see, name="would_see"),
    path("shipping/", franking.start_franking, name="start_franking"),
    path("accounts/<digits:number>/shipping/", shipping.shipping, name="shipping"),
    path("accounts/<digits:number>/shipping/new/", franking.frank, name="frank"),
    path("accounts/<digits:number>/shipping/towns/", franking.towns, name="towns"),
    path("accounts/<digits:number>/shipping/labels/", shipping.print_labels, name="labels"),
    path("accounts/<digits:number>/shipping/slips/", deposits.slips, name="slips"),
    path("accounts/<digits:number>/shipping/slips/<uuid:uuid>/", deposits.slip, name="slip"),
    path("accounts/<digits:number>/shipping/file/", parcel_files.frank_file, name="frank_file"),
    path("accounts/<digits:number>/shipping/file/template/", parcel_files.file_template, name="file_template"),
    path("accounts/<digits:number>/shipping/by-others/", deposits.in_my_name, name="in_my_name"),
    path("accounts/<digits:number>/shipping/<str:parcel_number>/", shipping.franked, name="franked"),
    path("accounts/<digits:number>/shipping/<str:parcel_number>/label/", shipping.label, name="label"),
    path("accounts/<digits:number>/shipping/<str:parcel_number>/cancel/", shipping.cancel, name="cancel"),
]
