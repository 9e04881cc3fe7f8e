"""Documents and addresses of the demonstration: a few months of invoices, price conditions, outside applications."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import formats, translation

from accounts.actions.documents import add_document, set_service
from accounts.addresses import is_allowed
from accounts.files import PDF, File
from accounts.models import CustomerAccount, Document, Service
from colibox.lib import pdf, tenancy
from colibox.lib.pdf import Column

MONTHS = 13
FIRST = (2025, 10)
PRODUCTS = (
    ("Domicile sans signature", 412, "5.84"),
    ("Domicile avec signature", 96, "7.02"),
    ("Point Retrait", 233, "4.61"),
)
SERVICES = {
    "returns": "https://retours.carrier.example/",
    "supplies": "https://consommables.carrier.example/",
    "coliview": "https://coliview.carrier.example/",
    "notifications": "https://notifications.carrier.example/",
    "collection": "https://collecte.carrier.example/",
    "chat": "https://chat.carrier.example/",
    "webinar": "https://webinaires.carrier.example/",
}
"""Of the applications that are not ours; those left out show what is not available yet."""


def build(number: str) -> int:
    """Make what is missing of the documents of an account, and of the addresses; how many documents were added."""
    with transaction.atomic(), tenancy.everything(), translation.override("fr"):
        _services()
        account = CustomerAccount.objects.get(number=number)
        known = set(Document.objects.filter(account=account).values_list("number", flat=True))
        months = (divmod(FIRST[0] * 12 + FIRST[1] - 1 + place, 12) for place in range(MONTHS))
        added = [
            _invoice(account, date(year, month + 1, 28), place, known) for place, (year, month) in enumerate(months)
        ]
        added += [_prices(account, year, known) for year in (2025, 2026)]
    return sum(added)


def _services() -> None:
    """Where outside applications are, where nobody said so."""
    known = set(Service.objects.values_list("right", flat=True))
    for right, address in SERVICES.items():
        if right not in known and is_allowed(address):
            set_service(right=right, address=address, by=None)


def _invoice(account: CustomerAccount, day: date, place: int, known: set[str]) -> int:
    number = f"F-{account.number}-{day:%Y%m}"
    if number in known:
        return 0
    rows = [(name, count + 17 * place, Decimal(price)) for name, count, price in PRODUCTS]
    amount = sum((count * price for _name, count, price in rows), Decimal(0))
    month = formats.date_format(day, "F Y")
    lines = [[name, str(count), _euros(price), _euros(count * price)] for name, count, price in rows]
    columns = [Column("Prestation", 40), *(Column(head, 16, right=True) for head in ("Colis", "Prix", "Montant"))]
    content = _page(f"Facture {number}", account, day, columns, [*lines, ["Total HT", "", "", _euros(amount)]])
    return _add(account, "invoice", f"Facture, {month}", number, day, amount, content)


def _prices(account: CustomerAccount, year: int, known: set[str]) -> int:
    number = f"T-{account.number}-{year}"
    if number in known:
        return 0
    columns = [Column("Produit", 40), *(Column(head, 16, right=True) for head in ("Jusqu’à 1 kg", "5 kg", "30 kg"))]
    lines = [
        [name, *(_euros(Decimal(price) * factor) for factor in (Decimal(1), Decimal("1.6"), Decimal("3.2")))]
        for name, _count, price in PRODUCTS
    ]
    content = _page(f"Conditions tarifaires {year}", account, date(year, 1, 2), columns, lines)
    return _add(account, "prices", f"Conditions tarifaires {year}", number, date(year, 1, 2), None, content)


def _page(title: str, account: CustomerAccount, day: date, columns: list[Column], rows: list[list[str]]) -> bytes:
    with pdf.LOCK:
        page = pdf.Document(title)
        page.heading(title)
        address = f"{account.address_1}, {account.postcode} {account.town}"
        when = formats.date_format(day, "SHORT_DATE_FORMAT")
        page.facts([("Client", account.company), ("Compte", account.number), ("Adresse", address), ("Date", when)])
        page.table(columns, rows)
        page.paragraph("Document de démonstration, sans valeur.")
        return page.finished()


def _add(
    account: CustomerAccount, kind: str, title: str, number: str, day: date, amount: Decimal | None, content: bytes
) -> int:
    file = File(content, PDF, f"{number}.pdf")
    add_document(
        account=account, kind=kind, title=title, number=number, issued_on=day, amount=amount, file=file, by=None,
        tell=False,
    )  # fmt: skip
    return 1


def _euros(amount: Decimal) -> str:
    return f"{formats.number_format(round(amount, 2), 2, force_grouping=True)} €"
