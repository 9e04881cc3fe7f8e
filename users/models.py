"""A person: what identifies them, how they sign in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from colibox.lib import keys
from colibox.lib.numbers import telephone
from colibox.lib.text import Fold, fold, line

USERNAME = RegexValidator(r"^[\w.@+-]{3,64}\Z", _("Use 3 to 64 letters, digits or . @ + - _, for example c.martin."))


ACCOUNT_NUMBER = r"^\d{6}\Z"
NO_ACCOUNT_NUMBER = RegexValidator(
    ACCOUNT_NUMBER,
    _("Six digits are for the administrator of an account. Choose another user name, for example c.martin."),
    inverse_match=True,
)


class Language(models.TextChoices):
    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")


class Civility(models.TextChoices):
    MADAM = "mme", _("Ms")
    SIR = "m", _("Mr")


class Identity(models.Model):
    """What is written of a person, by themselves or by the administrator who invites them."""

    civility = models.CharField(_("title"), max_length=3, choices=Civility, blank=True)
    last_name = models.CharField(_("last name"), max_length=80)
    first_name = models.CharField(_("first name"), max_length=80)
    function = models.CharField(_("function"), max_length=80, blank=True)
    phone = PhoneNumberField(_("telephone"), blank=True)
    fax = PhoneNumberField(_("fax"), blank=True)
    email = models.EmailField(_("e-mail"), max_length=254)
    address_1 = models.CharField(_("address"), max_length=80, blank=True)
    address_2 = models.CharField(_("address, line 2"), max_length=80, blank=True)
    address_3 = models.CharField(_("address, line 3"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = CountryField(_("country"), default="FR")

    class Meta:
        abstract = True

    IDENTITY: ClassVar[tuple[str, ...]] = (
        "civility", "last_name", "first_name", "function", "phone", "fax", "email",
        "address_1", "address_2", "address_3", "postcode", "town", "country",
    )  # fmt: skip

    @property
    def full_name(self) -> str:
        """First name then last name, as a person is called."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def shown_phone(self) -> str:
        """The telephone number as one reads it."""
        return telephone(self.phone)

    @property
    def shown_fax(self) -> str:
        """The fax number as one reads it."""
        return telephone(self.fax)

    def identity(self) -> dict[str, str]:
        """The identity fields by name, as text."""
        return {name: str(getattr(self, name) or "") for name in self.IDENTITY}


class PersonManager(UserManager["User"]):
    """People, found by what they type."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)

    def with_username(self, username: str) -> models.QuerySet[User]:
        """The person of this user name, case ignored: at most one."""
        return self.filter(username__iexact=username)

    def beginning(self, term: str, *, most: int) -> list[int]:
        """The keys of people whose user name, e-mail or name begins like this, along an index each."""
        words = fold(line(term, 160)).split()
        names = {" ".join(words), " ".join([*words[-1:], *words[:-1]])} - {""}  # either name may be typed first
        folded = Fold(F("last_name"), F("first_name"))
        ways = [self.filter(username__istartswith=term), self.filter(email__istartswith=term)]
        ways += [self.alias(name=folded).filter(name__startswith=name) for name in sorted(names)]
        found = [key for way in ways for key in way.order_by().values_list("pk", flat=True)[:most]]
        return list(dict.fromkeys(found))[:most]

    def advanced_with_email(self, email: str) -> models.QuerySet[User]:
        """The advanced user of this address, case ignored: at most one."""
        return self.filter(kind=User.Kind.ADVANCED, email__iexact=email)

    def advanced_with_emails(self, emails: Sequence[str]) -> dict[str, int]:
        """The primary keys of the advanced users of these addresses, case ignored, by address."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT asked.email, found.id FROM unnest(%s::text[]) AS asked (email), LATERAL ("
                " SELECT id FROM users_user WHERE kind = 'advanced' AND upper(email) = upper(asked.email) LIMIT 1"
                ") AS found",
                [list(emails)],
            )
            return dict(cursor.fetchall())


class User(Identity, AbstractUser):
    """One person. An advanced user is one e-mail address; a standard one belongs to one account."""

    class Kind(models.TextChoices):
        STANDARD = "standard", _("standard user")
        ADVANCED = "advanced", _("advanced user")
        STAFF = "staff", _("carrier's staff")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    username = models.CharField(_("user name"), max_length=64, validators=[USERNAME])
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    keyboard_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True, db_default=True)
    second_factor = models.BooleanField(
        db_default=False, editable=False, help_text="Whether the person has one: kept by the database."
    )
    user_key = models.CharField(_("user key"), max_length=13, unique=True, null=True, editable=False)
    suspended_at = models.DateTimeField(_("suspended on"), null=True, editable=False)
    """Since when the carrier lets them sign in nowhere; who left the portal has none."""

    last_name = Identity._meta.get_field("last_name").clone()  # over AbstractUser's
    first_name = Identity._meta.get_field("first_name").clone()
    email = Identity._meta.get_field("email").clone()

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Upper("username"), name="one_person_a_username"),
            models.UniqueConstraint(Upper("email"), condition=Q(kind="advanced"), name="one_advanced_user_an_email"),
            models.UniqueConstraint("id", "kind", name="user_id_with_kind"),
            models.CheckConstraint(
                condition=Q(kind="advanced", user_key__isnull=False) | ~Q(kind="advanced") & Q(user_key=None),
                name="user_key_for_advanced_users",
            ),
            models.CheckConstraint(
                condition=Q(kind="staff") | Q(is_staff=False, is_superuser=False), name="only_staff_is_staff"
            ),
            models.CheckConstraint(condition=~Q(email=""), name="person_has_email"),
            models.CheckConstraint(
                condition=Q(suspended_at=None) | Q(is_active=False), name="suspended_person_signs_in_nowhere"
            ),
        ]
        indexes = [
            models.Index(Upper("email"), name="people_by_email_prefix"),
            models.Index(Fold(F("last_name"), F("first_name")), name="people_by_last_name"),
            models.Index("id", name="people_who_are_staff", condition=Q(kind="staff")),
            models.Index("id", name="people_who_left", condition=Q(is_active=False)),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def is_advanced(self) -> bool:
        return self.kind == User.Kind.ADVANCED

    @property
    def shown_user_key(self) -> str:
        """The user key grouped for reading; empty for people who have none."""
        return keys.show_user_key(self.user_key) if self.user_key else ""


class FactorReset(models.Model):
    """Somebody's second factors about to be taken away by the carrier: one member of staff asks, another confirms."""

    class State(models.TextChoices):
        ASKED = "asked", _("waiting for a second member of staff")
        DONE = "done", _("done")
        WITHDRAWN = "withdrawn", _("withdrawn")
        OBJECTED = "objected", _("stopped by the person")
        LAPSED = "lapsed", _("not confirmed in time")

    ANSWER_WITHIN: ClassVar = timedelta(hours=24)

    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by"))
    created_at = models.DateTimeField(_("began on"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("to be confirmed before"))
    ended_at = models.DateTimeField(_("ended on"), null=True)

    class Meta:
        verbose_name = _("reset of second factors")
        verbose_name_plural = _("resets of second factors")
        constraints = [
            models.UniqueConstraint("person", condition=Q(state="asked"), name="one_factor_reset_at_a_time"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(confirmed_by__isnull=False), name="factor_reset_is_confirmed"
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=models.F("person"))
                & (Q(confirmed_by=None) | ~Q(confirmed_by=models.F("asked_by")) & ~Q(confirmed_by=models.F("person"))),
                name="factor_reset_by_two_others",
            ),
        ]
        indexes = [models.Index("due_at", name="factor_resets_due", condition=Q(state="asked"))]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def waits(self) -> bool:
        """Whether it may still be confirmed, withdrawn or stopped."""
        return self.state == FactorReset.State.ASKED and self.due_at > timezone.now()
