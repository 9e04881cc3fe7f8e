"""The profiles of an account: which there are, who follows them; make, change after a preview, remove."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from rights import access, catalogue
from rights.access import AccountRequest, Ceiling
from rights.actions import bulk, following
from rights.actions import profiles as actions
from rights.forms.profiles import ProfileForm
from rights.models import AccountLink, Profile
from rights.people.previews import NAMED, Naming, foretold, previewed, told
from rights.shipped import BY_CODE
from rights.views.answers import attempt


@access.administrator
def profiles(request: AccountRequest) -> HttpResponseBase:
    """The profiles that can be chosen on the account, each with what it gives and how many people have it."""
    people = AccountLink.objects.for_account(request.account).filter(profile__isnull=False).order_by()
    counts = people.values_list("profile").annotate(
        followers=Count("pk", filter=Q(follows_profile=True)), copies=Count("pk", filter=Q(follows_profile=False))
    )
    had = {profile: numbers for profile, *numbers in counts}
    rows = [_row(request, profile, had) for profile in Profile.objects.offered(request.account.pk)]
    parts = [
        (_("Your profiles"), [row for row in rows if not row["profile"].pattern]),
        (_("Shipped with the portal"), [row for row in rows if row["profile"].pattern]),
    ]
    return render(request, "rights/profiles/profiles.html", {"rows": rows, "parts": parts})


def _row(request: AccountRequest, profile: Profile, had: dict[Any, list[int]]) -> dict[str, Any]:
    followers, copies = had.get(profile.pk, (0, 0))
    codes = tuple(right.code for right in catalogue.RIGHTS if right.code in profile.rights)
    return {
        "profile": profile,
        "followers": followers,
        "copies": copies,
        "rights": catalogue.labels(codes),
        "lacking": catalogue.labels(code for code in codes if code not in request.rights),
    }


def _find(request: AccountRequest, uuid: UUID) -> Profile:
    """A profile of the account's own, or 404."""
    own = Profile.objects.for_account(request.account).exclude(shipped__in=BY_CODE)
    return get_object_or_404(own, uuid=uuid)


@access.administrator
def new_profile(request: AccountRequest) -> HttpResponseBase:
    """Make a profile, from nothing or like another one."""
    like = next((p for p in Profile.objects.offered(request.account.pk) if p.key == request.GET.get("like")), None)
    initial = {"name": _("%(name)s (copy)") % {"name": like}, "description": like.says} if like else {}
    form = ProfileForm(
        request.POST or None, ceiling=Ceiling(request.link), had=like.rights if like else (), initial=initial
    )
    if form.is_valid():
        profile = attempt(form, actions.create, by=request.link, **form.facts())
        if profile:
            messages.success(request, _("The profile “%(name)s” is ready: give it to people.") % {"name": profile})
            return redirect("rights:profiles", request.account.number)
    return render(request, "rights/profiles/profile.html", {"form": form, "like": like})


@access.administrator
def profile(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Change a profile: who gains and who loses is shown first, then done to all who follow it."""
    found = _find(request, uuid)
    initial = {"name": found.name, "description": found.description, "version": found.version}
    form = ProfileForm(request.POST or None, ceiling=Ceiling(request.link), had=found.rights, initial=initial)
    if not form.is_valid() or "back" in request.POST:
        return _show_form(request, found, form)
    if "apply" in request.POST:
        return _apply(request, found, form, request.POST.get("digest") or None)
    rights = form.facts()["rights"]
    effect = actions.plan(profile=found, rights=rights, by=request.link)
    if effect.followers and rights != set(found.rights):
        return _preview(request, found, form, effect)
    return _apply(request, found, form, effect.digest)


def _show_form(request: AccountRequest, found: Profile, form: ProfileForm) -> HttpResponseBase:
    context = {"form": form, "profile": found, **_how_many(found)}
    return render(request, "rights/profiles/profile.html", context)


def _apply(request: AccountRequest, found: Profile, form: ProfileForm, digest: str | None) -> HttpResponseBase:
    """Do what was previewed, or show how things are when they changed in between."""
    facts = {**form.facts(), "version": form.cleaned_data["version"] or 0, "digest": digest}
    try:
        done = attempt(form, actions.change, profile=found, by=request.link, **facts)
    except bulk.Stale as stale:
        assert isinstance(stale.plan, following.Effect)
        return _preview(request, found, form, stale.plan, stale=True)
    except actions.Conflict:
        messages.error(request, _("Nothing was saved: somebody changed this profile meanwhile. This is how it is now."))
        return redirect("rights:profile", request.account.number, found.uuid)
    if done is None:
        return _show_form(request, found, form)
    saved = _("The profile “%(name)s” is saved.") % {"name": facts["name"]}
    messages.success(request, " ".join([saved, *told(done)]))
    return redirect("rights:profiles", request.account.number)


def _preview(
    request: AccountRequest, found: Profile, form: ProfileForm, effect: following.Effect, *, stale: bool = False
) -> HttpResponseBase:
    """What a change of a profile does, before it is done."""
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "profile": found,
        "stale": stale,
        "typed": [(name, value) for name, value in typed if name not in ("csrfmiddlewaretoken", "digest", "apply")],
    }
    return render(request, "rights/profiles/preview.html", {**context, **_effect(effect)})


def _effect(effect: following.Effect) -> dict[str, Any]:
    """Who gains and who loses what, who does not and why."""
    reasons: dict[str, list[AccountLink]] = defaultdict(list)
    for refusal in effect.refusals:
        reasons[refusal.reason].append(refusal.link)
    people = [change.link for change in effect.changes], *reasons.values(), *effect.withheld.values()
    naming = Naming({link.pk: link for links in people for link in links}.values())
    withheld = [
        (catalogue.BY_CODE[code].full_label, reason, naming.of(links))
        for (code, reason), links in effect.withheld.items()
    ]
    return {
        "effect": effect,
        "told": foretold(effect),
        **previewed(effect, naming),
        "reasons": [(reason, naming.of(links)) for reason, links in reasons.items()],
        "withheld": withheld,
        "same": effect.followers - len(effect.changes) - len(effect.refusals),
    }


@access.administrator
def proposal(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """What a release would make of a shipped profile, and of those who follow it: let it be so, or keep it."""
    found, stale = get_object_or_404(Profile.objects.for_account(request.account), uuid=uuid), False
    if request.method == "POST":
        try:
            return _decide(request, found)
        except (bulk.Stale, actions.Conflict):
            stale = True
            found.refresh_from_db()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
    if found.proposal is None:
        return redirect("rights:profiles", request.account.number)
    now, then = set(found.rights), set(found.proposal.rights)
    effect = actions.plan(profile=found, rights=then, by=request.link)
    context = {
        "profile": found,
        "stale": stale,
        "gained": catalogue.labels(then - now),
        "lost": catalogue.labels(now - then),
    }
    return render(request, "rights/profiles/proposal.html", {**context, **_effect(effect)})


def _decide(request: AccountRequest, found: Profile) -> HttpResponseBase:
    """Do what was decided about what was shown."""
    proposed = request.POST.get("proposal", "")
    if "decline" in request.POST:
        actions.decline(profile=found, by=request.link, proposal=proposed)
        sentences = [_("The profile “%(name)s” stays as it is.") % {"name": found}]
    else:
        digest = request.POST.get("digest", "")
        done = actions.adopt(profile=found, by=request.link, proposal=proposed, digest=digest)
        sentences = [_("The profile “%(name)s” is saved.") % {"name": found}, *told(done)]
    messages.success(request, " ".join(sentences))
    return redirect("rights:profiles", request.account.number)


@access.administrator
def remove_profile(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Remove a profile, after a page that says whom it leaves on their own."""
    found, stale = _find(request, uuid), False
    if request.method == "POST":
        try:
            actions.remove(profile=found, by=request.link, digest=request.POST.get("digest", ""))
        except bulk.Stale:
            stale = True
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("rights:profiles", request.account.number)
        else:
            text = _("The profile “%(name)s” is removed. Nobody's rights changed.") % {"name": found}
            messages.success(request, text)
            return redirect("rights:profiles", request.account.number)
    people = following.people_with(found).order_by("sort_key", "pk")
    context = {
        "profile": found,
        "stale": stale,
        "digest": actions.plan_removal(profile=found),
        **_how_many(found),
        "first_followers": people.filter(follows_profile=True)[:NAMED],
        "first_copies": people.filter(follows_profile=False)[:NAMED],
    }
    return render(request, "rights/profiles/remove.html", context)


def _how_many(found: Profile) -> dict[str, int]:
    """How many people follow a profile, and how many copied it."""
    follow = Q(follows_profile=True)
    counts = {"followers": Count("pk", filter=follow), "copies": Count("pk", filter=~follow)}
    return following.people_with(found).aggregate(**counts)
