"""Addresses of links, invitations and keys: a person's own pages, then those of an account."""

from django.urls import URLPattern, path

from rights.views import administration, bulk, export, invitations, keys, own, people, profiles, reviews, users

app_name = "rights"

urlpatterns: list[URLPattern] = [
    path("profile/rights/", own.my_rights, name="my_rights"),
    path("profile/rights/<uuid:uuid>/leave/", own.leave, name="leave"),
    path("profile/keys/", keys.keys, name="keys"),
    path("profile/keys/new/", keys.new_key, name="new_key"),
    path("profile/keys/<uuid:uuid>/", keys.key, name="key"),
    path("profile/keys/<uuid:uuid>/rotate/", keys.rotate_key, name="rotate_key"),
    path("profile/keys/<uuid:uuid>/end/", keys.end_key, name="end_key"),
    path("profile/requests/<uuid:uuid>/", invitations.request, name="request"),
    path("profile/requests/<uuid:uuid>/accept/", invitations.accept, name="accept"),
    path("profile/requests/<uuid:uuid>/refuse/", invitations.refuse, name="refuse"),
    path("invitations/current/", invitations.invitation_form, name="invitation_form"),
    path("invitations/again/", invitations.ask_again, name="ask_again"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("accounts/<digits:number>/administration/", administration.administration, name="administration"),
    path("accounts/<digits:number>/users/", users.users, name="users"),
    path("accounts/<digits:number>/users/bulk/", bulk.bulk, name="bulk"),
    path("accounts/<digits:number>/users/matrix/", users.matrix, name="matrix"),
    path("accounts/<digits:number>/users/export/", export.export, name="export"),
    path("accounts/<digits:number>/users/standard/new/", people.add_standard, name="add_standard"),
    path("accounts/<digits:number>/users/advanced/new/", people.add_advanced, name="add_advanced"),
    path("accounts/<digits:number>/users/advanced/link/", people.link_advanced, name="link_advanced"),
    path("accounts/<digits:number>/users/<uuid:uuid>/", people.person, name="person"),
    path("accounts/<digits:number>/users/<uuid:uuid>/end/", people.end_link, name="end_link"),
    path("accounts/<digits:number>/users/<uuid:uuid>/suspend/", people.suspend, name="suspend"),
    path("accounts/<digits:number>/users/<uuid:uuid>/reactivate/", people.reactivate, name="reactivate"),
    path("accounts/<digits:number>/users/<uuid:uuid>/resend/", people.resend, name="resend"),
    path("accounts/<digits:number>/profiles/", profiles.profiles, name="profiles"),
    path("accounts/<digits:number>/profiles/new/", profiles.new_profile, name="new_profile"),
    path("accounts/<digits:number>/profiles/<uuid:uuid>/", profiles.profile, name="profile"),
    path("accounts/<digits:number>/profiles/<uuid:uuid>/remove/", profiles.remove_profile, name="remove_profile"),
    path("accounts/<digits:number>/reviews/", reviews.reviews, name="reviews"),
    path("accounts/<digits:number>/reviews/<uuid:uuid>/", reviews.review, name="review"),
    path("accounts/<digits:number>/reviews/<uuid:uuid>/decide/", reviews.decide, name="review_decide"),
    path("accounts/<digits:number>/reviews/<uuid:uuid>/close/", reviews.close, name="review_close"),
    path("accounts/<digits:number>/reviews/<uuid:uuid>/statement/", reviews.statement, name="review_statement"),
]
