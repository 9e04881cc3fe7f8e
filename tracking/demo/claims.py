"""A few claims on the made-up parcels, with what customer service answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from colibox.lib import tenancy
from tracking.actions import claims
from tracking.models import Claim, Parcel
from tracking.scopes import Scope, scopes_of
from users.models import User

Reason = Claim.Reason


@dataclass(frozen=True)
class Case:
    """What somebody asks about a parcel in a certain state, and what comes back."""

    reason: Reason
    event: str
    text: str
    answer: str = ""
    closing: bool = False


CASES = (
    Case(Reason.LATE, "PB1", "Le colis n’avance plus depuis plusieurs jours. Pouvez-vous le retrouver ?",
         "Nous le cherchons sur la plateforme de tri et revenons vers vous sous 48 heures."),
    Case(Reason.NOT_RECEIVED, "DI1", "Le destinataire dit n’avoir rien reçu. Merci de vérifier auprès du facteur."),
    Case(Reason.DAMAGED, "DI1", "Carton écrasé à la livraison, la lampe est cassée. Nous avons des photos.",
         "Envoyez-nous les photos et la facture : nous ouvrons un dossier d’indemnisation."),
    Case(Reason.RETURNED, "DI2", "Retourné sans avis de passage, d’après le destinataire.",
         "Le nom ne figurait pas sur la boîte aux lettres. Le prochain envoi sera présenté deux fois.", closing=True),
    Case(Reason.CONTENT, "DI1", "Il manque un article sur les deux."),
    Case(Reason.LATE, "AG1", "Le destinataire n’a pas reçu d’avis : où doit-il retirer son colis ?",
         "Le colis l’attend au bureau de poste ; un SMS vient de lui être envoyé.", closing=True),
)  # fmt: skip
WHO = (("j.lefevre", "900138", CASES), ("p.aznar", "850061", CASES[:3]))
STAFF = "operateur"


@transaction.atomic
def build() -> int:
    """File them once, while there is none; how many."""
    with tenancy.everything():
        staff = User.objects.filter(username=STAFF).first()
        if staff is None or Claim.objects.exists():
            return 0
        return sum(_file_all(username, number, cases, staff) for username, number, cases in WHO)


def _file_all(username: str, number: str, cases: tuple[Case, ...], staff: User) -> int:
    by = User.objects.filter(username=username).first()
    scopes = [scope for scope in scopes_of(by) if scope.account.number == number and scope.claims] if by else []
    return sum(_file(case, scope, by, staff, age) for scope in scopes if by for age, case in enumerate(cases, 1))


def _file(case: Case, scope: Scope, by: User, staff: User, age: int) -> int:
    """One claim of so many days ago, on the newest parcel that it can be about."""
    ago = timedelta(days=age, hours=3)
    about = Parcel.objects.for_account(scope.account).filter(event=case.event, claims=None)
    parcel = about.filter(event_at__lt=timezone.now() - ago).order_by("-created_at").first()
    if parcel is None:
        return 0
    claim = claims.file_claim(parcel=parcel, scope=scope, by=by, reason=case.reason, text=case.text)
    claim.messages.update(at=F("at") - ago)
    if case.answer:
        claims.answer(claim=claim, by=staff, text=case.answer, closing=case.closing)
        claim.messages.filter(from_staff=True).update(at=F("at") - ago / 2)
    changed = ago / 2 if case.answer else ago
    Claim.objects.filter(pk=claim.pk).update(created_at=F("created_at") - ago, changed_at=F("changed_at") - changed)
    return 1
