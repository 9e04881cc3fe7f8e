"""What is typed about who administers an account: somebody looked for, a role, and what the carrier's staff ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import files
from accounts.models import CustomerAccount
from colibox.lib.trace import SHORTEST_REASON
from rights import succession
from rights.actions.roles import roles_given_by
from rights.models import AccountLink

Role = AccountLink.Role

SENTENCES = {
    Role.ADMINISTRATOR: _("Holds all the rights of the account and manages everybody on it but its owner."),
    Role.LOCAL: _(
        "Manages the people of the same sites, sub-accounts or tags, and gives the rights they hold themselves."
    ),
    Role.MANAGER: _(
        "Adds, suspends and removes people, and corrects their data. Never gives rights, tags or profiles."
    ),
    Role.MEMBER: _("Uses the rights that are given, and manages nobody."),
}
"""What each role that can be given means."""


class RoleForm(forms.Form):
    """The role of somebody, among those that may be given."""

    role = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, error_messages={"required": _("Choose a role.")}
    )

    def __init__(self, *args: Any, link: AccountLink, by: AccountLink, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"role": link.role}})
        self.open = roles_given_by(by)
        self.fields["role"].choices = [(role, role.label) for role in self.open]  # type: ignore[attr-defined]

    def choices(self) -> list[dict[str, Any]]:
        """The roles as components/choice.html draws them; one that is not for this administrator says so."""
        chosen = self["role"].value()
        return [
            {
                "value": role.value,
                "id": f"id_role_{role.value}",
                "label": role.label,
                "sentence": sentence,
                "checked": chosen == role,
                "reason": "" if role in self.open else _("Only the owner names administrators."),
            }
            for role, sentence in SENTENCES.items()
        ]


class ForcedForm(forms.Form):
    """What a member of staff hands in to give an account another owner."""

    to = forms.ModelChoiceField(
        label=_("New administrator"),
        queryset=AccountLink.objects.none(),
        to_field_name="uuid",
        error_messages={
            "required": _("Choose who is to take over."),
            "invalid_choice": _("Choose somebody of the list."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        min_length=SHORTEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The present administrator reads it, for example: M. Martin left in June, letter of the head."),
    )
    proof = forms.FileField(
        label=_("Proof"),
        help_text=_("The written request, signed: a PDF or a picture of at most 10 MB. Only staff can read it."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        error_messages={"required": _("Add the written request, for example a PDF.")},
    )

    def __init__(self, *args: Any, account: CustomerAccount, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["proof"].error_messages["required"] = _("This file is too large; 10 MB are the most.")
        found = succession.candidates(account)
        self.fields["to"].queryset = found.order_by("sort_key", "pk")  # type: ignore[attr-defined]

    def clean_proof(self) -> files.File:
        proof = self.cleaned_data["proof"]
        return files.read_letter(proof.name, proof.read())

    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        return {
            "to": self.cleaned_data["to"],
            "reason": " ".join(self.cleaned_data["reason"].split()),
            "proof": self.cleaned_data["proof"],
        }
