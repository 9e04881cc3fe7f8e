"""What is typed of contacts and of one's own card: cleaned, never saved here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.contacts import FIELDS, facts_of
from accounts.forms.contacts import DirectoryForm, shown
from accounts.models import Contact
from colibox.lib.text import Text
from rights.access import Ceiling
from rights.actions import contacts as actions
from rights.actions.applying import Chosen
from rights.contacts.directory import Entry
from rights.forms.profiles import OfferMixin
from rights.models import AccountLink
from users.forms import EmailField, IdentityForm, StandardIdentityForm
from users.models import User


class WebProfile(OfferMixin):
    """The profile that a contact follows on line, where whoever fills the form in may give rights."""

    profile = forms.ChoiceField(
        label=_("Web profile"),
        required=False,
        error_messages={"invalid_choice": _("This profile was removed meanwhile: choose another one.")},
    )

    def __init__(
        self, *args: Any, by: AccountLink, none: Text, kind: str = AccountLink.Kind.ADVANCED, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer(kind, Ceiling(by), now=self.initial.get("profile"))
        if by.gives_rights:
            choices = [("", none), *((profile.key, str(profile)) for profile in self.offered)]
            cast(forms.ChoiceField, self.fields["profile"]).choices = choices
        else:
            del self.fields["profile"]

    def chosen(self) -> Chosen | None:
        """The profile chosen, or that there is none; None where it stays as it is."""
        key = self.cleaned_data.get("profile", "")
        if "profile" not in self.fields or key == self.initial.get("profile", ""):
            return None
        return Chosen(next((profile for profile in self.offered if profile.key == key), None), follows=bool(key))


class ContactForm(WebProfile, DirectoryForm):
    """A contact on screen, with what they may do online beside."""

    same_address = forms.BooleanField(label=_("Save all the same"), required=False)
    """Asked only where another contact has the address that is typed."""

    def __init__(self, *args: Any, by: AccountLink, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.account_id, self.contact = by.account_id, contact
        self.twins: list[Contact] = []
        self.kept: list[str] = []
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        if not actions.may_call_for_invoices(by):
            self._leave_out_invoices()

    def _leave_out_invoices(self) -> None:
        """Who is called for invoices is told of them by e-mail: neither that nor their address is theirs to say."""
        roles, invoices = cast(forms.MultipleChoiceField, self.fields["roles"]), Contact.Role.INVOICES
        roles.choices = [choice for choice in Contact.Role.choices if choice[0] != invoices]
        if self.contact and invoices in self.contact.roles:
            self.kept = [invoices]
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("Called for invoices: only who may see them changes this address.")

    def clean(self) -> dict[str, Any]:
        """Two contacts have one address only where that is meant."""
        values = super().clean() or self.cleaned_data
        self.twins = actions.sharing(self.account_id, values.get("email", ""), but=self.contact)
        if self.contact and values.get("email", "").casefold() == self.contact.email.casefold():
            self.twins = []
        if self.twins and not values.get("same_address"):
            text = _("%(contacts)s has this address already.")
            self.add_error("email", text % {"contacts": ", ".join(map(str, self.twins))})
        return values

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        called = {*self.kept, *facts["roles"]}
        return {**facts, "roles": [role for role in Contact.Role.values if role in called]}


class ChangedContactForm(ContactForm):
    """A contact that exists, as it was when it was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def differences(self, now: Contact) -> Iterator[tuple[Any, str, str]]:
        """What was typed and what somebody else saved meanwhile, where they differ: label, yours, theirs."""
        yours, theirs = Contact(**self.facts()), now
        for name, value in facts_of(theirs).items():
            if facts_of(yours)[name] != value:
                yield self.fields[name].label, shown(yours, name), shown(theirs, name)


def contact_form(entry: Entry, by: AccountLink, data: Any = None) -> ChangedContactForm:
    """The form of a contact that exists; its fields are told apart from those of other rows."""
    contact, link = entry.contact, entry.link
    known = {**{name: getattr(contact, name) for name in FIELDS}, "version": contact.version}
    known["profile"] = link.profile.key if link and link.profile else ""
    kind = link.kind if link else AccountLink.Kind.ADVANCED
    none = _("Rights chosen one by one")
    auto_id = f"{contact.uuid}-%s"
    form = ChangedContactForm(data, initial=known, auto_id=auto_id, by=by, contact=contact, none=none, kind=kind)
    if not entry.reachable or (link and link.administers):
        form.fields.pop("profile", None)
    return form


Typed = TypeVar("Typed", bound=forms.Form)


def begin(form: Typed) -> Typed:
    """The form with the place where typing begins: what needs a correction, else the name."""
    wrong = [name for name in form.fields if name in form.errors]
    first = wrong[0] if wrong else next(iter(set(form.fields) & {"last_name"} or form.fields), "")
    if first:
        form.fields[first].widget.attrs["autofocus"] = True
    return form


NO_RIGHT, NO_RIGHT_YET = "none", _("No right for now")


class NewContactForm(ContactForm):
    """A contact to add, with web access unless it is not wanted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, none=_("Choose a profile"), auto_id="new-%s", **kwargs)
        if profile := cast(forms.ChoiceField | None, self.fields.get("profile")):
            profile.choices = [*cast(list[Any], profile.choices), (NO_RIGHT, NO_RIGHT_YET)]

    access = forms.BooleanField(
        label=_("Create web access"),
        required=False,
        help_text=_("They receive an invitation and choose their own password. It needs an e-mail address."),
    )

    def clean(self) -> dict[str, Any]:
        """Web access needs an address to invite, and a word on what may be done with it."""
        values = super().clean() or self.cleaned_data
        if values.get("access"):
            if not values.get("email") and "email" not in self.errors:
                self.add_error("email", _("An invitation needs an e-mail address: enter it, or leave web access out."))
            if "profile" in self.fields and not values.get("profile"):
                self.add_error("profile", _("Choose what they may do: a profile, or no right for now."))
        return values

    def chosen(self) -> Chosen | None:
        """The profile chosen; None where there is to be no right for now."""
        return None if self.cleaned_data.get("profile") == NO_RIGHT else super().chosen()


class AccessForm(WebProfile):
    """The web access of a contact who has none."""

    field_order = ("email", "profile")

    email = EmailField(required=True)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, none=NO_RIGHT_YET, auto_id=f"{contact.uuid}-%s", **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        if contact.email:
            del self.fields["email"]


class OwnForm(IdentityForm):
    """What an advanced user changes of themselves on the page of the contacts; the rest is in their profile."""

    address_1 = address_2 = address_3 = postcode = town = country = email = None  # type: ignore[assignment]


class StandardOwnForm(StandardIdentityForm):
    """The same for a standard user."""

    address_1 = address_2 = address_3 = postcode = town = country = email = fax = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["civility"].required = False


def own_form(user: User, data: Any = None) -> IdentityForm:
    """The form of one's own card."""
    form = OwnForm if user.is_advanced else StandardOwnForm
    return form(data, initial=user.identity(), auto_id="own-%s")
