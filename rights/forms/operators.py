"""What the carrier's staff fill in: the rights of an account, the reason of a support visit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from rights import catalogue
from rights.actions.opening import Held
from rights.models import Entitlement


class ReasonForm(forms.Form):
    """Why somebody looks at the portal as somebody else."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("The person and the owners of their accounts read it, by e-mail."),
    )


class EntitlementsForm(forms.Form):
    """Each right there is: not held, held, or held and delegable."""

    NOT, HELD, DELEGABLE = "", "held", "delegable"
    CHOICES = ((NOT, _("not held")), (HELD, _("held, not delegable")), (DELEGABLE, _("held and delegable")))

    def __init__(self, data: Any = None, *, account: CustomerAccount) -> None:
        super().__init__(data)
        now = dict(Entitlement.objects.filter(account=account).values_list("right", "delegable"))
        for right in catalogue.RIGHTS:
            state = self.NOT if right.code not in now else self.DELEGABLE if now[right.code] else self.HELD
            self.fields[right.code] = forms.ChoiceField(
                label=right.full_label, choices=self.CHOICES, initial=state, required=False
            )

    def held(self) -> Held:
        """What is asked for."""
        asked = {code: state for code, state in self.cleaned_data.items() if state != self.NOT}
        return Held({code: state == self.DELEGABLE for code, state in asked.items()})
