"""Addresses of the imports of an account."""

from django.urls import URLPattern, path

from imports.views import contacts, jobs, sending

app_name = "imports"

urlpatterns: list[URLPattern] = [
    path("accounts/<digits:number>/contacts/import/", contacts.contacts, name="contacts"),
    path("accounts/<digits:number>/users/imports/", sending.imports, name="imports"),
    path("accounts/<digits:number>/users/imports/template/", sending.template, name="template"),
    path("accounts/<digits:number>/users/imports/list/", sending.paste, name="paste"),
    path("accounts/<digits:number>/users/imports/<uuid:uuid>/", jobs.job, name="job"),
    path("accounts/<digits:number>/users/imports/<uuid:uuid>/start/", jobs.start, name="start"),
    path("accounts/<digits:number>/users/imports/<uuid:uuid>/cancel/", jobs.cancel, name="cancel"),
    path("accounts/<digits:number>/users/imports/<uuid:uuid>/result/", jobs.result, name="result"),
]
