"""Links and grants: the person × account × right that the whole portal turns on."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now, TruncDate, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, CustomerAccount
from colibox.lib.text import Fold
from rights import catalogue
from users.models import Identity, Language, User

TODAY = TruncDate(Now())
"""Today by the database's clock, in the portal's time zone."""


class Entitlement(models.Model):
    """A right that an account holds by its contract, and whether it may pass it on."""

    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="entitlements")
    right = models.CharField(_("right"), max_length=32)
    delegable = models.BooleanField(_("may be delegated"), default=True)

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [models.UniqueConstraint("account", "right", name="one_entitlement_a_right")]

    def __str__(self) -> str:
        return self.right


def _open_now() -> Q:
    """What makes a link open something: active, inside its dates, on an open account whose second factor it has."""
    return Q(
        Q(starts_on=None) | Q(starts_on__lte=TODAY),
        Q(ends_on=None) | Q(ends_on__gte=TODAY),
        Q(second_factor=True) | Q(account__second_factor_from=None) | Q(account__second_factor_from__gt=TODAY),
        state=AccountLink.State.ACTIVE,
        account__state=CustomerAccount.State.OPEN,
    )


def _truth(condition: Q | Combinable) -> ExpressionWrapper[Q | Combinable]:
    """A condition as a value of each row."""
    return ExpressionWrapper(condition, output_field=models.BooleanField())


class AccountLinkQuerySet(models.QuerySet["AccountLink"]):
    """Links, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        """The people of an account: everything but the links that ended."""
        return self.filter(account=account).exclude(state=AccountLink.State.ENDED)

    def active(self) -> Self:
        """The links that open something now: active and inside their dates."""
        return self.filter(_open_now())

    def of(self, user: User) -> Self:
        """The links of a person that they can use now, by account number."""
        return self.filter(user=user).active().select_related("account").order_by("account__number")

    def taken_by(self, user: User) -> Self:
        """The links that a person took and still has, open or suspended, by account number."""
        links = self.filter(user=user, state__in=(AccountLink.State.ACTIVE, AccountLink.State.SUSPENDED))
        return links.select_related("account", "profile").order_by("account__number")

    def with_openness(self) -> Self:
        """With `is_open`, whether they open something now."""
        return self.annotate(is_open=_truth(_open_now()))

    def shut(self) -> Self:
        """The links that open nothing now, whatever keeps them shut."""
        return self.annotate(is_open=_truth(_open_now())).filter(is_open=False)

    def standing(self, right: str) -> Self:
        """With what says, on each link, whether this right was given and may be used now: `granted`, `in_force`.

        What rights.access says of all the rights of some links, in one statement for one right. Put together
        in Python: each condition twice in the statement would cost its policies twice.
        """
        given = Grant.objects.in_time().filter(link=OuterRef("pk"), right=right)
        held = Entitlement.objects.filter(account=OuterRef("account"), right=right)
        return self.with_openness().annotate(right_given=Exists(given), right_held=Exists(held))

    def open_invitations(self) -> Self:
        """The invitations that are still good, by the database's clock."""
        return self.filter(state=AccountLink.State.INVITED, accepted_at=None, expires_at__gt=Now())

    def waiting_for(self, user: User) -> Self:
        """The link requests that a person can accept or refuse now."""
        requests = self.open_invitations().filter(invitee=user, user=None)
        return requests.filter(account__state=CustomerAccount.State.OPEN).select_related("account")


class AccountLink(Identity):
    """One person on one account. An invitation is a link that is not active yet.

    It bears the person's identity as the account knows it: what the administrator typed until the
    person accepts, their own data from then on (copied by the database whenever they change).
    """

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        EXPIRED = "expired", _("invitation expired")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        ENDED = "ended", _("ended")

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        ADMINISTRATOR = "administrator", _("administrator")
        LOCAL = "local", _("local administrator")
        MANAGER = "manager", _("membership manager")
        MEMBER = "member", _("member")

    class Kind(models.TextChoices):
        STANDARD = "standard", _("standard user")
        ADVANCED = "advanced", _("advanced user")

    ADMINISTRATORS = (Role.OWNER, Role.ADMINISTRATOR)
    """Who holds whatever the account holds, and manages everybody on it."""
    MANAGERS = (*ADMINISTRATORS, Role.LOCAL, Role.MANAGER)
    """Who opens the pages of the people of the account."""
    PAUSED: ClassVar = "paused"
    """What is shown of an active link that waits for the second factor which the account requires."""
    RANKS: ClassVar = {Role.OWNER: 3, Role.ADMINISTRATOR: 2, Role.LOCAL: 1, Role.MANAGER: 1, Role.MEMBER: 0}
    """Nobody acts on a peer or on a superior."""
    MOST_TAGS = 20
    LONGEST_TAG = 40

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="links", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="links", db_constraint=False)
    invitee = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+",
        help_text="Who is asked, when they exist already. Never shown before they accept.",
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.MEMBER)
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.INVITED)
    username = models.CharField(_("user name"), max_length=64, blank=True)
    masked_email = models.CharField(max_length=80, blank=True)
    email = Identity._meta.get_field("email").clone()
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), default=list, blank=True, verbose_name=_("tags"))
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    second_factor = models.BooleanField(
        db_default=False, editable=False, help_text="Whether the person has one: copied by the database."
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="links", db_index=False, db_constraint=False
    )
    profile = models.ForeignKey(
        "Profile", models.PROTECT, null=True, related_name="links", db_index=False, db_constraint=False
    )
    follows_profile = models.BooleanField(
        db_default=False, help_text="Whether a change of the profile changes the rights; otherwise they were copied."
    )
    profile_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when the profile is followed, or when it was copied."
    )

    token_digest = models.CharField(max_length=64, null=True)
    generation = models.PositiveIntegerField(default=0)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("invitation valid until"), null=True)
    asked_again_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1)

    sort_key = models.GeneratedField(
        expression=Fold(F("last_name"), F("first_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    right_given: bool  # these three where standing() was asked
    right_held: bool
    is_open: bool

    objects = AccountLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        constraints = [
            models.UniqueConstraint(
                "account", "user", condition=~Q(state="ended"), name="one_live_link_a_person"
            ),
            models.UniqueConstraint(
                "account", Upper("email"),
                condition=Q(kind="advanced", accepted_at=None) & ~Q(state="ended") & ~Q(email=""),
                name="one_invitation_an_email",
            ),
            models.UniqueConstraint(
                "account", "invitee", condition=Q(accepted_at=None, email="") & ~Q(state="ended"),
                name="one_request_a_person",
            ),
            models.UniqueConstraint("user", condition=Q(kind="standard"), name="standard_user_has_one_link"),
            models.UniqueConstraint(
                "account", condition=Q(role="owner") & ~Q(state="ended"), name="one_owner_an_account"
            ),
            models.UniqueConstraint("account", "id", name="link_id_with_account"),
            models.UniqueConstraint(fields=["token_digest"], name="one_link_a_token_digest"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(user__isnull=False, accepted_at__isnull=False),
                name="active_link_has_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["invited", "expired"]) | Q(expires_at__isnull=False),
                name="invitation_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(kind="advanced") | Q(user__isnull=False), name="standard_link_has_a_person"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "administrator", "local", "manager", "member"]),
                name="link_role_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["invited", "expired", "active", "suspended", "ended"]),
                name="link_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="link_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(follows_profile=False) | Q(profile__isnull=False), name="who_follows_has_a_profile"
            ),
            models.UniqueConstraint(
                "account", "contact", condition=Q(contact__isnull=False) & ~Q(state="ended"), name="one_link_a_contact"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index("account", "kind", "sort_key", "id", name="people_by_name", condition=~Q(state="ended")),
            models.Index("account", "kind", "email", "id", name="people_by_email", condition=~Q(state="ended")),
            models.Index("account", "kind", "state", "sort_key", "id", name="people_by_state"),
            models.Index("expires_at", name="invitations_to_expire", condition=Q(state="invited")),
            models.Index("ends_on", name="links_to_suspend", condition=Q(ends_on__isnull=False, state="active")),
            models.Index("account", "ends_on", name="people_by_end", condition=Q(ends_on__isnull=False)),
            models.Index("profile", "id", name="links_of_a_profile", condition=Q(profile__isnull=False)),
            models.Index("id", name="links_with_a_role", condition=~Q(role="member")),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def administers(self) -> bool:
        """Whether this person holds all that the account holds, and manages everybody on it."""
        return self.role in self.ADMINISTRATORS

    @property
    def manages(self) -> bool:
        """Whether this person manages people of the account, be it some of them only."""
        return self.role in self.MANAGERS

    @property
    def rank(self) -> int:
        """How high this person stands among those who manage people."""
        return self.RANKS[self.Role(self.role)]

    @property
    def is_local(self) -> bool:
        """Whether they manage no more than the people of their places and tags."""
        return self.role == self.Role.LOCAL

    @property
    def gives_rights(self) -> bool:
        """Whether this person may give rights: a membership manager has people in hand, not rights."""
        return self.manages and self.role != self.Role.MANAGER

    @property
    def keeps_contacts(self) -> bool:
        """Whether this person keeps the account's directory of contacts: whoever manages all its people."""
        return self.administers or self.role == self.Role.MANAGER

    @property
    def granted(self) -> bool:
        """Whether the right asked of standing() was given, by a grant or with the account."""
        return self.right_given or (self.administers and self.right_held)

    @property
    def in_force(self) -> bool:
        """Whether the right asked of standing() may be used now."""
        return self.right_held and self.is_open and (self.administers or self.right_given)

    @property
    def paused(self) -> bool:
        """Whether the account requires a second factor by now, which this person has not."""
        since = self.account.second_factor_from
        return since is not None and since <= timezone.localdate() and not self.second_factor

    @property
    def accepted(self) -> bool:
        """Whether the person took the link; before, only what was typed is known of them."""
        return self.accepted_at is not None

    @property
    def shown_state(self) -> str:
        """The state now, whatever the sweeper has not seen yet; paused is who lacks the second factor required."""
        if self.state == self.State.ACTIVE:
            return self.PAUSED if self.paused else self.state
        late = self.state == self.State.INVITED and self.expires_at and self.expires_at <= timezone.now()
        return self.State.EXPIRED if late else self.state

    @property
    def shown_email(self) -> str:
        """The e-mail, masked while it is not this account's to know."""
        return self.email or self.masked_email

    @property
    def recipient(self) -> str:
        """Where mails about this link go: the person's own address as soon as one is known."""
        person = self.user or self.invitee
        return person.email if person else self.email

    @property
    def recipient_language(self) -> str:
        person = self.user or self.invitee
        return person.language if person else self.language


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants, and the one definition of what is in force."""

    def held(self) -> Self:
        """Those whose right the account still holds, inside their dates."""
        holds = Entitlement.objects.filter(account=OuterRef("account"), right=OuterRef("right"))
        return self.in_time().filter(Exists(holds))

    def in_time(self) -> Self:
        """Those whose first day has come and whose last is not over."""
        return self.filter(Q(since=None) | Q(since__lte=TODAY), Q(until=None) | Q(until__gte=TODAY))

    def effective(self) -> Self:
        """Granted ∩ still held by the account ∩ link active ∩ inside its dates."""
        links = AccountLink.objects.active().filter(pk=OuterRef("link"))
        return self.held().filter(Exists(links))


class Grant(models.Model):
    """One right on one link: who gave it, when, until when.

    The key of migration 0002 holds link and account together, so that neither needs one of its own.
    """

    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    link = models.ForeignKey(AccountLink, models.CASCADE, related_name="grants", db_index=False, db_constraint=False)
    right = models.CharField(_("right"), max_length=32)
    choice = models.CharField(max_length=16, blank=True)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    given_by_name = models.CharField(_("given by"), max_length=170)
    given_at = models.DateTimeField(_("given on"), db_default=Now(), editable=False)
    since = models.DateField(_("from"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        constraints = [
            models.UniqueConstraint("link", "right", name="one_grant_a_right"),
            models.UniqueConstraint("link", "choice", condition=~Q(choice=""), name="one_scope_a_variant"),
        ]
        indexes = [
            models.Index("account", "right", "link", name="who_has_a_right"),
            models.Index("until", name="grants_to_warn_of", condition=Q(until__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.definition.full_label) if self.definition else self.right

    @property
    def definition(self) -> catalogue.Right | None:
        """What the catalogue says of this right; None once it is gone from it."""
        return catalogue.BY_CODE.get(self.right)
