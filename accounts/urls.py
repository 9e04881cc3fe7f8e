"""Addresses of an account's own pages."""

from django.urls import path

from accounts.views import account, carrier, documents, history, places

app_name = "accounts"

urlpatterns = [
    path("<digits:number>/", account.account, name="account"),
    path("<digits:number>/history/", history.history, name="history"),
    path("<digits:number>/history/export/", history.export, name="history_export"),
    path("<digits:number>/invoices/", documents.invoices, name="invoices"),
    path("<digits:number>/invoices/<uuid:uuid>/", documents.invoice, name="invoice"),
    path("<digits:number>/prices/", documents.prices, name="prices"),
    path("<digits:number>/prices/<uuid:uuid>/", documents.price, name="price"),
    path("<digits:number>/terms/", carrier.terms, name="terms"),
    path("<digits:number>/customer-service/", carrier.customer_service, name="customer_service"),
    path("<digits:number>/sites/", places.sites, name="sites"),
    path("<digits:number>/sites/new/", places.add_site, name="add_site"),
    path("<digits:number>/sites/sub-accounts/new/", places.add_sub_account, name="add_sub_account"),
    path("<digits:number>/sites/<uuid:uuid>/", places.place, name="place"),
]
