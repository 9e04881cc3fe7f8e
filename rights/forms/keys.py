"""What people choose for their connection keys: a name, how far it opens, until when; cleaned, never saved here."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import cached_property
from ipaddress import ip_network
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import Text
from rights import catalogue
from rights.access import rights_of
from rights.forms.rights import Choice
from rights.keys.keyring import Range
from rights.models import AccountLink, ConnectionKey
from users.forms import check_visible
from users.models import User

ALL, SOME = "all", "some"
LONGEST_LIFE = timedelta(days=5 * 366)


class NetworksField(forms.Field):
    """Addresses and networks, one a line or separated by commas; the list of them, as the database keeps them."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        typed = [word for word in re.split(r"[\s,;]+", value or "") if word]
        return list(dict.fromkeys(_network(word) for word in typed))

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > ConnectionKey.MOST_NETWORKS:
            raise ValidationError(_("Keep to 20 addresses: write a network where several are neighbours."))


def _network(word: str) -> str:
    """An address or a network in its usual form."""
    try:
        network = ip_network(word.replace("%", "?"), strict=False)  # a zone says nothing to another machine
    except ValueError:
        text = gettext("“%(typed)s” is no address: write for example 198.51.100.7 or 198.51.100.0/24.")
        raise ValidationError(text % {"typed": word[:50]}) from None
    if network.prefixlen == 0:
        raise ValidationError(_("This is every address there is: leave the field empty."))
    return str(network.network_address if network.num_addresses == 1 else network)


def _either(label: Text, everything: Text, some: Text) -> forms.ChoiceField:
    """All of something, or what is chosen below."""
    return forms.ChoiceField(
        label=cast(str, label),
        choices=[(ALL, everything), (SOME, some)],
        initial=ALL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )


class KeyForm(forms.Form):
    """The name of a key and how far it opens."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=ConnectionKey.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What uses it, for example Shop or Warehouse software."),
        error_messages={"required": _("Give it a name, for example Shop.")},
    )
    reach = _either(_("Accounts"), _("All my accounts, those to come too"), _("Only these accounts"))
    links = forms.MultipleChoiceField(
        label=_("Only these accounts"),
        required=False,
        error_messages={"invalid_choice": _("One of these accounts is no longer yours: choose again.")},
    )
    services = _either(_("Web services"), _("All the web services, those given to me later too"), _("Only these"))
    rights = forms.MultipleChoiceField(
        label=_("Only these"),
        required=False,
        choices=[(code, catalogue.BY_CODE[code].label) for code in ConnectionKey.RIGHTS],
    )
    networks = NetworksField(
        label=_("Addresses it may be used from"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off", "class": "mono"}),
        help_text=_(
            "IP addresses or networks, one a line, for example 198.51.100.7 or 198.51.100.0/24. Empty: from everywhere."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["links"].choices = [(str(link.uuid), str(link.account)) for link in self.taken]  # type: ignore[attr-defined]
        if not user.is_advanced:  # who belongs to one account has no other to leave out
            del self.fields["reach"], self.fields["links"]

    @cached_property
    def taken(self) -> list[AccountLink]:
        """The person's links, by account number."""
        return list(AccountLink.objects.taken_by(self.user))

    @cached_property
    def held(self) -> dict[int, frozenset[str]]:
        """The rights in force on each of the links."""
        return rights_of(self.taken)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        check_visible(name)
        return name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for choice, chosen in (("reach", "links"), ("services", "rights")):
            if values.get(choice) == SOME and chosen in values and not values[chosen]:
                self.add_error(choice, _("Choose at least one, or all."))
        return values

    def within(self) -> Range:
        """How far the key opens, as it was chosen."""
        values = self.cleaned_data
        by_uuid = {str(link.uuid): link.pk for link in self.taken}
        links = frozenset(by_uuid[uuid] for uuid in values["links"]) if values.get("reach") == SOME else None
        rights = frozenset(values["rights"]) if values["services"] == SOME else None
        return Range(links, rights, tuple(values["networks"]))

    # As they are drawn.

    def account_choices(self) -> list[Choice]:
        """A box for each account, with the web services that are open there."""
        chosen = self["links"].value() or ()
        return [
            _box("links", str(link.uuid), number, str(link.account), self._open_on(link), chosen)
            for number, link in enumerate(self.taken)
        ]

    def _open_on(self, link: AccountLink) -> Text:
        held = catalogue.labels(self.held[link.pk].intersection(ConnectionKey.RIGHTS))
        return ", ".join(held) or _("No web service is open to you here for now.")

    def right_choices(self) -> list[Choice]:
        """A box for each web service, with the accounts on which it is open."""
        chosen = self["rights"].value() or ()
        return [
            _box("rights", code, number, catalogue.BY_CODE[code].label, self._where(code), chosen)
            for number, code in enumerate(ConnectionKey.RIGHTS)
        ]

    def _where(self, code: str) -> Text:
        numbers = [link.account.number for link in self.taken if code in self.held[link.pk]]
        if not numbers:
            return _("Open to you on no account for now.")
        more = f" (+ {len(numbers) - 5})" if len(numbers) > 5 else ""
        return gettext("Open to you on %(accounts)s.") % {"accounts": ", ".join(numbers[:5]) + more}


def _box(name: str, value: str, number: int, label: Text, sentence: Text, chosen: Collection[str]) -> Choice:
    return Choice(name, value, f"id_{name}_{number}", "checkbox", label, sentence, value in chosen, "")


class DayInput(forms.DateInput):
    """A day that is asked for only where one chose to give one, as the form says, not the browser."""

    input_type = "date"

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class ExpiryMixin(forms.Form):
    """Until when a key works."""

    expires = forms.ChoiceField(
        label=_("It expires"),
        choices=[
            ("30", _("in 30 days")),
            ("90", _("in 90 days")),
            ("365", _("in one year")),
            ("date", _("after the day that I choose")),
            ("never", _("never")),
        ],
        initial="365",
        widget=forms.RadioSelect,
        help_text=_("You are warned by e-mail 30 days, 10 days and 1 day before."),
        error_messages={"required": _("Choose until when the key works.")},
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        widget=DayInput(format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the last day of the key."),
            "invalid": _("Write a date, for example 31/12/2027."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self["expires"].value() != "date":
            self.fields["expires_on"].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        chosen = values.get("expires") == "date" and "expires_on" in values
        if chosen and (fault := _fault_of(values["expires_on"])):
            self.add_error("expires_on", str(fault))
        return values

    def expires_at(self) -> datetime | None:
        """The last moment of the key."""
        values = self.cleaned_data
        if values["expires"] == "never":
            return None
        if values["expires"] == "date":
            last = datetime.combine(values["expires_on"], time(23, 59, 59))
            return timezone.make_aware(last)
        return timezone.now() + timedelta(days=int(values["expires"]))


def _fault_of(day: date) -> Text | None:
    """Why a key cannot end on that day."""
    if day < timezone.localdate():
        return _("This day is past: choose a later one.")
    if day > timezone.localdate() + LONGEST_LIFE:
        return _("Choose a day in the next five years, or “never”.")
    return None


class NewKeyForm(ExpiryMixin, KeyForm):
    """A key to make. Sent twice, it makes one key: it carries the identifier of the key."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    field_order = ("name",)


class RotateForm(ExpiryMixin):
    """A key to replace: how long the former one works beside the new one."""

    overlap = forms.TypedChoiceField(
        label=_("The former key works"),
        coerce=int,
        choices=[
            ("0", _("no longer: it is ended at once")),
            ("1", _("one day more")),
            ("7", _("7 days more")),
            ("30", _("30 days more")),
        ],
        initial="7",
        widget=forms.RadioSelect,
        help_text=_("Time to put the new key in place without an interruption."),
        error_messages={"required": _("Choose how long the former key works.")},
    )

    field_order = ("overlap",)


def form_of(key: ConnectionKey, user: User, data: Any = None) -> KeyForm:
    """The form that changes this key."""
    form = KeyForm(data, user=user)
    uuids = {link.pk: str(link.uuid) for link in form.taken}
    form.initial = {
        "name": key.name,
        "reach": ALL if key.links is None else SOME,
        "links": [uuids[pk] for pk in key.links or () if pk in uuids],
        "services": ALL if key.rights is None else SOME,
        "rights": key.rights or [],
        "networks": key.networks,
    }
    return form
