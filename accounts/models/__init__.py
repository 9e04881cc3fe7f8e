"""Which customer: the account and its divisions, its contacts and documents, the trace of what happens on it."""

from accounts.models.accounts import NUMBER, AccountGroup, CustomerAccount
from accounts.models.contacts import Contact, ContactQuerySet
from accounts.models.documents import Document, DocumentQuerySet, Service
from accounts.models.places import Site, SiteQuerySet, SubAccount, SubAccountQuerySet
from accounts.models.rounds import Round, last_round
from accounts.models.trace import AuditErasure, AuditEvent, AuditHorizon, AuditSeal, Facts

__all__ = [
    "NUMBER",
    "AccountGroup",
    "AuditErasure",
    "AuditEvent",
    "AuditHorizon",
    "AuditSeal",
    "Contact",
    "ContactQuerySet",
    "CustomerAccount",
    "Document",
    "DocumentQuerySet",
    "Facts",
    "Round",
    "Service",
    "Site",
    "SiteQuerySet",
    "SubAccount",
    "SubAccountQuerySet",
    "last_round",
]
