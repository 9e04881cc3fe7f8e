"""Points where addressees fetch their parcels; public, of no account."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class PickupPoint(models.Model):
    """A shop, a locker or an office, with its hours and what it takes."""

    class Kind(models.TextChoices):
        SHOP = "A2P", _("pickup shop or locker")
        POST_OFFICE = "BPR", _("post office")
        AGENCY = "ACP", _("carrier's agency")
        CENTRE = "CDI", _("delivery centre")

    identifier = models.CharField(_("identifier"), max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}\Z")])
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=3, choices=Kind)
    address_1 = models.CharField(_("address"), max_length=80)
    address_2 = models.CharField(_("address, line 2"), max_length=80, blank=True)
    address_3 = models.CharField(_("address, line 3"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12)
    town = models.CharField(_("town"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default="FR")
    hint = models.CharField(_("how to find it"), max_length=120, blank=True)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    heaviest = models.PositiveIntegerField(_("heaviest parcel"), default=20_000, help_text=_("In grams."))
    accessible = models.BooleanField(_("accessible to people with reduced mobility"), default=False)
    parking = models.BooleanField(_("parking"), default=False)
    handling_tool = models.BooleanField(_("lends a handling tool"), default=False)
    network = models.CharField(_("network"), max_length=4, default="R03")
    sorting = models.CharField(max_length=8, blank=True)
    lot = models.CharField(max_length=8, blank=True)
    plan_version = models.CharField(max_length=4, blank=True)
    hours = models.JSONField(
        _("opening hours"), default=list,
        help_text="Monday to Sunday, each as published: “10:00-12:00 12:00-20:15”.",
    )  # fmt: skip
    closed = models.JSONField(_("holidays"), default=list, blank=True, help_text="Pairs of ISO dates, both closed.")
    active = models.BooleanField(_("open to parcels"), default=True)

    class Meta:
        verbose_name = _("pickup point")
        indexes = [
            models.Index("latitude", "longitude", name="pickup_points_by_place", condition=models.Q(active=True)),
            models.Index("country", "postcode", name="pickup_points_by_postcode"),
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.name}"
