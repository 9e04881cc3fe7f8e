"""What administrators send: a file, or a list of addresses with the rights that all of them get."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from rights.actions.many.entries import Entry
from rights.actions.spans import text
from rights.forms.dates import SpanMixin
from rights.forms.places import PlacesMixin
from rights.forms.profiles import LINKED, OWN, ProfileMixin
from rights.forms.rights import AdvancedRightsForm
from rights.places import SITE, SUB_ACCOUNT, Spot, of_sort
from users.forms import LanguageMixin

LONGEST_LIST = 1_000_000
TOO_LARGE = _("This file is too large; 10 MB are the most. Cut it in several files.")


class TokenMixin(forms.Form):
    """What makes a double click one import: each form that is drawn bears another token."""

    token = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid4)


class UploadForm(TokenMixin):
    """A file of users."""

    file = forms.FileField(
        label=_("Your file"),
        help_text=_("CSV, TXT or XLSX, 10 MB and 50,000 rows at most."),
        allow_empty_file=True,  # the action says what is wrong with it
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": _("Choose the file that you filled in."),
            "missing": _("Choose the file that you filled in."),
            "invalid": _("Choose the file that you filled in."),
        },
    )

    def __init__(self, *args: Any, too_large: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = TOO_LARGE


class ContactsFileForm(UploadForm):
    """A file of contacts."""

    token = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("CSV or XLSX, 2,000 rows and 1 MB at most.")


class PasteForm(TokenMixin, LanguageMixin, SpanMixin, PlacesMixin, ProfileMixin, AdvancedRightsForm):
    """Several addresses, and what all of them get: places, a profile or rights, tags, days."""

    needs_one = True
    ways_offered = (OWN, LINKED)

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        max_length=LONGEST_LIST,
        help_text=_(
            "One per line, or separated by commas or semicolons. What you copy from Outlook is understood too:"
            " Claire Martin &lt;claire.martin@example.com&gt;."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter at least one e-mail address, for example claire.martin@example.com."),
            "max_length": _("This list is too long: send it as a file."),
        },
    )

    def entry(self) -> Entry:
        """What is asked for each address."""
        values, chosen, spots = self.cleaned_data, self.chosen(), self.spots() or set()
        profile = chosen.profile.key if chosen and chosen.profile else ""
        rights: frozenset[str] = frozenset() if profile else frozenset(self.wanted())
        return Entry(
            "",
            rights=rights,
            about=rights,
            tags=values["tags"] or None,
            sub_accounts=_keys(spots, SUB_ACCOUNT),
            sites=_keys(spots, SITE),
            language=values["language"],
            profile=profile,
            starts_on=text(values["starts_on"]) or "",
            ends_on=text(values["ends_on"]) or "",
        )


def _keys(spots: Collection[Spot], sort: str) -> tuple[int, ...] | None:
    """The keys of the places of one sort; None where there is none, so that what people have of it stays."""
    return tuple(sorted(key for _sort, key in of_sort(spots, sort))) or None
