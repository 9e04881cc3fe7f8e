"""No accessibility rule is broken on any page or state: two languages, two themes, a desk and a phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import company, locked, staff, traced
from tests.browser.acts import PASSWORD, Someone, fill_identity, open_mail, prove, someone
from tests.browser.conftest import Portal, Visit, Watch
from tests.browser.looks import LOOKS, broken, too_wide

NARROWEST: ViewportSize = {"width": 320, "height": 640}
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
ADMINS = {"fr": "770512", "en": "910244"}


@dataclass(frozen=True)
class World:
    """Who and what there is to look at in one language."""

    language: str
    admin: str
    partner: str
    user_key: str
    invitation: str
    imports: dict[str, str]
    locked: str
    """The key of a session of the administrator that nobody unlocked yet."""


@dataclass(frozen=True)
class State:
    """A page in one of its states: who looks at it, and how they come there."""

    name: str
    who: str
    go: Callable[[Page, World], Any]
    status: int = 200


def at(path: str) -> Callable[[Page, World], Any]:
    return lambda page, world: page.goto(path.format(admin=world.admin))


def sent(path: str, button: str = "main .form-foot button") -> Callable[[Page, World], Any]:
    """The page of a form that was sent empty."""

    def go(page: Page, world: World) -> None:
        page.goto(path.format(admin=world.admin))
        for field in page.locator("main input[required]:not([type=radio], [type=hidden], [type=file])").all():
            field.fill("")
        page.locator(button).first.click()
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()

    return go


def new_key(page: Page, world: World) -> None:
    """The form of a connection key, once the password is given."""
    page.goto("/profile/keys/new/")
    prove(page)
    expect(page.locator("[name=reach]").first).to_be_visible()


def new_key_errors(page: Page, world: World) -> None:
    new_key(page, world)
    for choice in ("reach", "services"):
        page.locator(f"[name={choice}][value=some]").check()
    page.locator("[name=expires][value=date]").check()
    page.locator("main .form-foot button").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()


def key_made(page: Page, world: World) -> None:
    new_key(page, world)
    page.locator("[name=name]").fill("Shop")
    page.locator("main .form-foot button").click()
    expect(page.locator(".key__value")).to_be_visible()


def a_key(page: Page, world: World) -> None:
    page.goto("/profile/keys/")
    if not page.locator("tbody th a").count():
        key_made(page, world)
        page.goto("/profile/keys/")
    page.locator("tbody th a").first.click()
    expect(page.locator("#history")).to_be_visible()


def key_to_replace(page: Page, world: World) -> None:
    a_key(page, world)
    page.locator("main a[href$='/rotate/']").click()
    prove(page)
    expect(page.locator("[name=overlap]").first).to_be_visible()


def key_to_end(page: Page, world: World) -> None:
    a_key(page, world)
    page.locator("main a[href$='/end/']").click()
    expect(page.locator("main .btn-danger")).to_be_visible()


def export(page: Page, world: World) -> None:
    """What a file of people will hold, once the password is given."""
    page.goto(f"{USERS}export/?kind=advanced&tag=LYON".format(admin=world.admin))
    prove(page)
    expect(page.locator("[name=format]").first).to_be_visible()


def administrators(act: str) -> Callable[[Page, World], Any]:
    """What can be done about the first person found, once the password is given."""

    def go(page: Page, world: World) -> None:
        page.goto(f"/accounts/{world.admin}/administrators/?q=demo")
        page.locator(f"main a[href$='/{act}/']").first.click()
        prove(page)
        expect(page.locator("main .form-foot").first).to_be_visible()

    return go


def opened(path: str, menu: str) -> Callable[[Page, World], Any]:
    """A page with one of its menus open."""

    def go(page: Page, world: World) -> None:
        page.goto(path.format(admin=world.admin))
        page.locator(f"{menu} > summary").first.click()

    return go


def person(where: str = "") -> Callable[[Page, World], Any]:
    """A page of an advanced user of the account."""

    def go(page: Page, world: World) -> None:
        page.goto(f"/accounts/{world.admin}/users/?kind=advanced&status=active")
        page.locator("tbody th a").first.click()
        page.goto(f"{page.url}{where}")

    return go


def found(page: Page, world: World) -> None:
    page.goto(f"/accounts/{world.admin}/users/advanced/link/")
    page.locator("[name=user_key]").fill(world.user_key)
    page.locator("main form button[type=submit]").click()
    expect(page.locator("[name=found]")).to_have_count(1)


def invited(page: Page, world: World) -> None:
    page.goto(world.invitation)
    expect(page.locator("[name=username]")).to_be_visible()


def invited_wrong(page: Page, world: World) -> None:
    invited(page, world)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def asked(page: Page, world: World) -> None:
    page.goto("/")
    page.locator("a[href*='/profile/requests/']").first.click()
    expect(page.locator("form[action$='/accept/']")).to_have_count(1)


def wrong_password(page: Page, world: World) -> None:
    page.goto("/auth/login/")
    page.locator("[name=login]").fill("nobody.at.all")
    page.locator("[name=password]").fill("not-the-password")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def letter(page: Page, world: World) -> None:
    page.goto("/mailbox/")
    page.locator("tbody a").first.click()
    expect(page.locator("iframe")).to_be_visible()


def by_right(page: Page, world: World) -> None:
    page.goto("/profile/rights/?by=right")
    page.locator("summary", has=page.locator(".count")).first.click()


def users_ticked(page: Page, world: World) -> None:
    page.goto(f"/accounts/{world.admin}/users/?kind=advanced")
    page.locator("[data-select-page]").check()
    page.locator(".more-of").evaluate_all("folds => folds.slice(0, 2).forEach((fold) => { fold.open = true; })")
    expect(page.locator("[data-select-bar]")).to_be_visible()


def acted(act: str, tag: str = "", then: str = "") -> Callable[[Page, World], Any]:
    """The pages of an act on the people ticked: what to give, then, with a tag, what comes of it."""

    def go(page: Page, world: World) -> None:
        users_ticked(page, world)
        button = page.locator(f"button[value={act}]")
        page.locator("[data-select-bar] details", has=button).locator("summary").click()
        button.click()
        if tag:
            page.locator("#bulk-tag").fill(tag)
            page.locator("main form button[type=submit]").click()
            page.locator(then).wait_for(state="attached")

    return go


def a_site(button: str) -> Callable[[Page, World], Any]:
    """A page of the first site, behind one of its buttons."""

    def go(page: Page, world: World) -> None:
        page.goto(SITES.format(admin=world.admin))
        page.locator(f"tbody {button}").last.click()
        expect(page.locator("main form")).to_be_visible()

    return go


def sent_file(text: str, name: str = "people.csv") -> Callable[[Page, World], Any]:
    """The page of an import of this file, once it is read."""

    def go(page: Page, world: World) -> None:
        page.goto(f"/accounts/{world.admin}/users/imports/")
        page.locator("[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
        page.locator("[enctype] [type=submit]").click()
        page.locator("main :is(.figures, .notice--error)").first.wait_for(timeout=30_000)

    return go


def import_in(state: str) -> Callable[[Page, World], Any]:
    """The page of an import in a state that passes too quickly to be looked at."""
    return lambda page, world: page.goto(world.imports[state])


def import_to_stop(page: Page, world: World) -> None:
    page.goto(world.imports["running"])
    page.locator(".calling-off > summary").click()


def frank_form(page: Page, world: World) -> None:
    """The form of a parcel for a pickup point, sent with mistakes: its points, its errors, all its parts open."""
    page.goto(f"/accounts/{world.admin}/shipping/new/")
    page.locator("#id_product").select_option("HD")
    page.locator("#id_addressee_postcode").fill("69003")
    page.locator("#id_addressee_town").fill("Lyon")
    page.locator("#id_addressee_line1").evaluate("field => { field.value = '\u2620'; }")
    page.locator(".sender > summary").click()
    page.locator("#id_sender_postcode").fill("x")
    page.locator("main .form-foot button").click()
    expect(page.locator("#id_pickup_point_0")).to_be_visible()


def parcels_sent(act: str = "") -> Callable[[Page, World], Any]:
    """The pages of a file of parcels: what is in it, and what came of it."""

    def go(page: Page, world: World) -> None:
        page.goto(f"/accounts/{world.admin}/shipping/file/")
        page.locator("[type=file]").set_input_files(
            {"name": "p.csv", "mimeType": "text/csv", "buffer": PARCELS.encode()}
        )
        page.locator("[enctype] [type=submit]").click()
        expect(page.locator("[name=rows]")).to_have_count(1)
        if act:
            page.locator(f"main button[value={act}]").click()
            expect(page.locator("main [name=paper]")).to_be_visible()

    return go


def franked(where: str) -> Callable[[Page, World], Any]:
    """A page of a parcel franked on screen."""

    def go(page: Page, world: World) -> None:
        parcels_sent("frank")(page, world)
        page.locator("tbody th a").first.click()
        page.goto(f"{page.url}{where}")

    return go


def parcels_ticked(page: Page, world: World) -> None:
    parcels_sent("frank")(page, world)
    page.goto(f"/accounts/{world.admin}/shipping/")
    page.locator("[data-select-page]").check()
    expect(page.locator("[data-select-bar]")).to_be_visible()


def a_parcel(status: str) -> Callable[[Page, World], Any]:
    """The page of the newest parcel of a status."""

    def go(page: Page, world: World) -> None:
        page.goto(f"/tracking/?status={status}")
        page.locator("tbody th a").first.click()
        expect(page.locator(".steps-line")).to_be_visible()

    return go


def figures_in_tables(page: Page, world: World) -> None:
    page.goto("/tracking/dashboard/")
    for summary in page.locator(".chart__table > summary").all():
        summary.click()


USERS = "/accounts/{admin}/users/"
SITES = "/accounts/{admin}/sites/"
COLUMNS = "columns=sub_account&columns=site&columns=role&columns=profile&columns=contract"
SHIPPING = "/accounts/{admin}/shipping/"
PARCELS = """product;weight;last_name;line2;postcode;town;tag
DOM;1.25;Durand;5 rue du Bellay;69003;Lyon;LYON
DOS;31;Martin;2 quai de la Loire;44000;Lyon;
"""
PEOPLE = """Nom;Prénom;Fonction;Email;Téléphone;Adresse géographique;Code postal;Ville;Tags;Web Service suivi;Note
Durand;Aline;Acheteuse;aline.durand@agence.example;241742088;12 rue du Port;1000;Bourg;LYON;oui;
Durand;Paul;Acheteur;paul.durand@agence.example;0241742088;12 rue du Port;44000;Nantes;LYON;peut-être;
Durand;Inès;Acheteuse;nobody;0241742088;12 rue du Port;44000;Nantes;LYON;oui;
"""
STATES = (
    State("sign in", "", at("/auth/login/")),
    State("sign in, refused", "", wrong_password),
    State("sign in, empty", "", sent("/auth/login/")),
    State("forgotten password", "", at("/auth/password/reset/")),
    State("forgotten password, empty", "", sent("/auth/password/reset/")),
    State("forgotten password, sent", "", at("/auth/password/reset/sent/")),
    State("forgotten password, dead link", "", at("/auth/password/reset/1-nothing/")),
    State("invitation", "", invited),
    State("invitation, errors", "", invited_wrong),
    State("invitation, dead", "", at("/invitations/nothing/"), 410),
    State("mailbox", "", at("/mailbox/")),
    State("letter", "", letter),
    State("guide", "", at("/guide/")),
    State("home", "admin", at("/")),
    State("home, one's menu", "admin", opened("/", ".person")),
    State("nothing here", "admin", at("/nothing/"), 404),
    State("account", "admin", at("/accounts/{admin}/")),
    State("users", "admin", at(USERS)),
    State("users, advanced", "admin", at(f"{USERS}?kind=advanced&sort=-email")),
    State("users, filtered", "admin", at(f"{USERS}?kind=advanced&status=active&tag=LYON&right=coliship")),
    State("users, nobody", "admin", at(f"{USERS}?q=nobody-is-called-so")),
    State("users, filter", "admin", opened(USERS, ".toolbar .menu")),
    State("users, menu", "admin", opened(USERS, ".page-head__actions .menu")),
    State("users, rights", "admin", opened(f"{USERS}?kind=advanced", ".rights-of")),
    State("users, ticked", "admin", users_ticked),
    State("add standard", "admin", at(f"{USERS}standard/new/")),
    State("add standard, errors", "admin", sent(f"{USERS}standard/new/")),
    State("add advanced", "admin", at(f"{USERS}advanced/new/")),
    State("add advanced, errors", "admin", sent(f"{USERS}advanced/new/")),
    State("link", "admin", at(f"{USERS}advanced/link/")),
    State("link, error", "admin", sent(f"{USERS}advanced/link/")),
    State("link, found", "admin", found),
    State("person", "admin", person()),
    State("person, to suspend", "admin", person("suspend/")),
    State("person, to remove", "admin", person("end/")),
    State("act on many", "admin", acted("give")),
    State("act on many, by tag", "admin", acted("tag")),
    State("act on many, error", "admin", acted("tag", tag="N\u200b", then="#bulk-tag-error")),
    State("act on many, preview", "admin", acted("tag", tag="NICE", then="[name=digest]")),
    State("act on many, at a place", "admin", acted("attach")),
    State("act on many, end date", "admin", acted("ends")),
    State("act on many, to remove", "admin", acted("remove")),
    State("users, columns", "admin", opened(USERS, ".toolbar .menu + .menu")),
    State("users, places and roles", "admin", at(f"{USERS}?kind=advanced&sort=site&{COLUMNS}")),
    State("sites", "admin", at(SITES)),
    State("sites, none found", "admin", at(f"{SITES}?q=nothing-is-called-so")),
    State("site, new, errors", "admin", sent(f"{SITES}new/")),
    State("site, to remove", "admin", a_site(".icon-button--danger")),
    State("site", "admin", a_site(".icon-button:not(.icon-button--danger)")),
    State("administration", "admin", at("/accounts/{admin}/administration/")),
    State("no group", "admin", at("/accounts/{admin}/group/")),
    State("history", "admin", at("/accounts/{admin}/history/")),
    State("history, filter and error", "admin", at("/accounts/{admin}/history/?from=2026-13-45&family=people")),
    State("history, nothing found", "admin", at("/accounts/{admin}/history/?who=nobody-is-called-so")),
    State("history, of a person", "admin", person("history/")),
    State("history, one's own", "partner", at("/profile/history/")),
    State("dates", "admin", person("dates/")),
    State("reviews", "admin", at("/accounts/{admin}/reviews/")),
    State("review", "admin", traced.review()),
    State("review, done", "admin", traced.review(place="First review")),
    State("review, nobody found", "admin", traced.review("?q=nobody-is-called-so")),
    State("review, suggestions", "admin", traced.review("suggestions/")),
    State("review, to suspend", "admin", traced.to_decide("suspend")),
    State("review, to reduce", "admin", traced.to_decide("reduce")),
    State("review, to close", "admin", traced.review("close/")),
    State("invoices", "admin", at("/accounts/{admin}/invoices/")),
    State("price conditions", "admin", at("/accounts/{admin}/prices/")),
    State("terms", "admin", at("/accounts/{admin}/terms/")),
    State("customer service", "admin", at("/accounts/{admin}/customer-service/")),
    State("matrix", "admin", at(f"{USERS}matrix/")),
    State("matrix, advanced", "admin", at(f"{USERS}matrix/?kind=advanced")),
    State("export", "admin", export),
    State("contacts", "admin", company.contacts),
    State("contacts, nobody", "admin", at("/accounts/{admin}/contacts/?q=nobody-is-called-so")),
    State("contacts, own card", "partner", at("/accounts/900138/contacts/")),
    State("contacts, a row as a form", "admin", company.contact_in_place("pencil")),
    State("contacts, a row with errors", "admin", company.contact_in_place("pencil", sent=True)),
    State("contacts, web access", "admin", company.contact_in_place("mail")),
    State("contacts, web access, error", "admin", company.contact_in_place("mail", sent=True)),
    State("contacts, deleted", "admin", company.contacts_deleted),
    State("contacts, to add", "admin", at("/accounts/{admin}/contacts/new/")),
    State("contacts, to add, errors", "admin", sent("/accounts/{admin}/contacts/new/")),
    State("contacts, people to add", "admin", at("/accounts/{admin}/contacts/people/")),
    State("contacts, export", "admin", company.contacts_export),
    State("contacts, import", "admin", at("/accounts/{admin}/contacts/import/")),
    State("contacts, import, errors", "admin", sent("/accounts/{admin}/contacts/import/")),
    State("contact", "admin", company.contact_page()),
    State("contact, to invite", "admin", company.contact_page("access/")),
    State("contact, to delete", "admin", company.contact_page("delete/")),
    State("profiles", "admin", at("/accounts/{admin}/profiles/")),
    State("profiles, to add", "admin", at("/accounts/{admin}/profiles/new/?like=contractor")),
    State("profile", "admin", company.profile()),
    State("profile, errors", "admin", company.profile(sent=True)),
    State("profile, to remove", "admin", company.profile("remove/")),
    State("profile, a change proposed", "admin", company.proposal),
    State("profile, for many", "admin", acted("profile")),
    State("imports", "admin", at(f"{USERS}imports/")),
    State("imports, error", "admin", sent(f"{USERS}imports/", "[enctype] [type=submit]")),
    State("pasted list", "admin", at(f"{USERS}imports/list/")),
    State("pasted list, errors", "admin", sent(f"{USERS}imports/list/")),
    State("import, being read", "admin", import_in("reading")),
    State("import, unreadable", "admin", sent_file("%PDF-1.7", "liste.pdf")),
    State("import, preview", "admin", sent_file(PEOPLE)),
    State("import, who loses access", "admin", import_in("ready")),
    State("import, waiting", "admin", import_in("waiting")),
    State("import, running", "admin", import_in("running")),
    State("import, to stop", "admin", import_to_stop),
    State("import, stopped", "admin", import_in("cancelled")),
    State("import, done", "admin", import_in("done")),
    State("franking, form with errors", "admin", frank_form),
    State("franking, day without parcels", "admin", at(f"{SHIPPING}?day=2020-01-01&status=cancelled")),
    State("franking, ticked", "admin", parcels_ticked),
    State("franking, parcel", "admin", franked("")),
    State("franking, to cancel", "admin", franked("cancel/")),
    State("franking, file", "admin", sent(f"{SHIPPING}file/", "[enctype] [type=submit]")),
    State("franking, what is in a file", "admin", parcels_sent()),
    State("franking, what came of a file", "admin", parcels_sent("frank")),
    State("franking, slips", "admin", at(f"{SHIPPING}slips/")),
    State("franking, done in my name", "admin", at(f"{SHIPPING}by-others/")),
    State("parcels", "admin", at("/tracking/")),
    State("parcels, filtered", "admin", at("/tracking/?status=delivered&addressee=a&inside=1&from=2020-01-01")),
    State("parcels, none", "admin", at("/tracking/?number=6C9999")),
    State("parcels, filter and error", "admin", at("/tracking/?from=2026-13-45")),
    State("parcel, delivered", "admin", a_parcel("delivered")),
    State("parcel, with a problem", "admin", a_parcel("problem")),
    State("parcels, export", "admin", at("/tracking/export/?status=delivered")),
    State("dashboard", "admin", figures_in_tables),
    State("change password", "admin", at("/auth/password/")),
    State("change password, errors", "admin", sent("/auth/password/")),
    State("sessions", "admin", at("/auth/sessions/")),
    State("sign in again", "admin", at("/auth/reauthenticate/?next=/")),
    State("sent to a locked session", "admin", locked.sent),
    State("second factors", "admin", at("/auth/2fa/")),
    State("device lost", "admin", at("/auth/2fa/lost/")),
    State("device lost, at sign-in", "", at("/auth/2fa/lost/")),
    State("objection, dead link", "", at("/objections/handover/nothing/"), 410),
    State("reset, dead link", "", at("/objections/reset/nothing/"), 410),
    State("administration", "admin", at("/accounts/{admin}/administration/")),
    State("administrators", "admin", at("/accounts/{admin}/administrators/")),
    State("administrators, found", "admin", at("/accounts/{admin}/administrators/?q=demo")),
    State("administrators, role", "admin", administrators("role")),
    State("administrators, hand over", "admin", administrators("hand-over")),
    State("security", "admin", at("/accounts/{admin}/security/")),
    State("no connection key", "admin", at("/profile/keys/")),
    State("home, asked", "partner", at("/")),
    State("request", "partner", asked),
    State("profile", "partner", at("/profile/")),
    State("profile, errors", "partner", sent("/profile/")),
    State("renew user key", "partner", at("/profile/user-key/")),
    State("my rights", "partner", at("/profile/rights/")),
    State("my rights, by right", "partner", by_right),
    State("connection key", "partner", at("/profile/keys/")),
    State("new connection key", "partner", new_key),
    State("new connection key, errors", "partner", new_key_errors),
    State("connection key, shown once", "partner", key_made),
    State("connection key, its page", "partner", a_key),
    State("connection key, to replace", "partner", key_to_replace),
    State("connection key, to end", "partner", key_to_end),
    State("change e-mail", "partner", at("/profile/email/")),
    State("account of a partner", "partner", at("/accounts/900138/")),
    State("staff", "staff", staff.at("")),
    State("staff, people", "staff", staff.at("users/user/?q=c.martin")),
    State("staff, nobody found", "staff", staff.at("users/user/?q=nobody-is-called-so")),
    State("staff, person", "staff", staff.first("users/user/?q=c.martin")),
    State("staff, person to suspend", "staff", staff.first("users/user/?q=c.martin", "/access/")),
    State("staff, account", "staff", staff.first("accounts/customeraccount/?q=900138")),
    State("staff, account to close", "staff", staff.first("accounts/customeraccount/?q=900138", "/state/")),
    State("staff, rights of an account", "staff", staff.at("rights/entitlement/of/900138/")),
    State("staff, another owner", "staff", staff.at("rights/handover/ask/?number=900138")),
    State("staff, change of owner", "staff", staff.first("rights/handover/")),
    State("staff, support visit", "staff", staff.first("users/user/?q=c.martin", "supportvisit/begin")),
    State("staff, history", "staff", staff.at("accounts/auditevent/")),
    State("staff, nothing here", "staff", staff.at("users/user/999999999/change/"), 404),
)


@pytest.fixture(scope="session")
def world_of(browser: Browser, portal: Portal, crowd: str, parcels: None) -> Callable[[str], World]:
    """What there is to look at in a language, made when it is first asked for."""
    portal.manage("demo", "--people", "60", "--account", ADMINS["en"])
    for sites, number in zip((3, 60), ADMINS.values(), strict=True):
        portal.manage(
            "shell", "-v", "0", "-c", f"from tests.browser import structure; structure.make('{number}', {sites})"
        )
    return cache(partial(make_world, browser, portal))


def make_imports(portal: Portal, number: str) -> dict[str, str]:
    """Imports that stay in their states, as nobody may work on them for a day: their addresses."""
    command = f"from tests.browser import imports; imports.make('{number}')"
    made = portal.manage("shell", "--verbosity", "0", "-c", command)
    return dict(line.split() for line in made.splitlines() if line.strip())


def make_world(browser: Browser, portal: Portal, language: str) -> World:
    """An administrator, a partner who is asked for a second link, and an open invitation, in one language."""
    context = browser.new_context(base_url=portal.url, locale=LOCALES[language], reduced_motion="reduce")
    page, partner, guest = context.new_page(), someone("Solène"), someone("Gaston")
    enter(page, ADMINS[language])
    speak(page, language)
    key_of_locked = locked.cookie_of(page)["value"]
    page.context.clear_cookies()
    enter(page, "900138")
    for each in (partner, guest):
        invite(page, "900138", each, language)
    page.context.clear_cookies()
    page.goto(invitation_of(page, partner))
    page.locator("[name=username]").fill(partner.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    key = page.locator(".key__value").first.inner_text()
    page.context.clear_cookies()
    enter(page, "850061")
    invite(page, "850061", partner, language)
    invitation = invitation_of(page, guest)
    context.close()
    imports = make_imports(portal, ADMINS[language])
    portal.manage("shell", "-c", f"from tests.browser import company; company.propose('{ADMINS[language]}')")
    portal.manage("shell", "-c", f"from tests.browser import traced; traced.make('{ADMINS[language]}')")
    made = f"from tests.browser import locked, staff; staff.make('{language}'); locked.make('{key_of_locked}')"
    portal.manage("shell", "-c", made)
    return World(language, ADMINS[language], partner.username, key, invitation, imports, key_of_locked)


def enter(page: Page, username: str) -> None:
    page.goto("/auth/login/")
    page.locator("[name=login]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".person")).to_be_visible()


def speak(page: Page, language: str) -> None:
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def invite(page: Page, number: str, who: Someone, language: str) -> None:
    page.goto(f"/accounts/{number}/users/advanced/new/")
    fill_identity(page, who)
    page.locator("[name=language]").last.select_option(language)
    page.locator("[name=rights][value=tracking_ws]").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#messages")).to_contain_text(who.email)


def invitation_of(page: Page, who: Someone) -> str:
    """The address of the link in the newest invitation to somebody."""
    open_mail(page, who.email, "Colibox")
    link = page.frame_locator("iframe").locator("a[href*='/invitations/']").first
    return link.get_attribute("href") or ""


@pytest.fixture
def looker(visit: Visit, session_of: Callable[[str], Any]) -> Callable[[State, World], Page]:
    """Open a browser for who looks at a state."""

    def look(state: State, world: World) -> Page:
        known = {"admin": world.admin, "partner": world.partner, "staff": staff.username(world.language)}
        username = known.get(state.who)
        session = session_of(username) if username else None
        return visit(storage_state=session, locale=LOCALES[world.language], reduced_motion="reduce")

    return look


@pytest.mark.parametrize(
    "language", [pytest.param(each, marks=pytest.mark.xdist_group(f"accessibility in {each}")) for each in LOCALES]
)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_breaks_no_rule(
    state: State,
    language: str,
    world_of: Callable[[str], World],
    looker: Callable[[State, World], Page],
    watch: Watch,
) -> None:
    if state.status != 200:
        watch.expect(state.status)
    world = world_of(language)
    page = looker(state, world)
    state.go(page, world)
    assert page.locator("html").get_attribute("lang") == language
    assert page.title().removesuffix(" · Colibox").strip()
    page.evaluate(AXE)
    faults = []
    for name, size, theme in LOOKS[language]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        faults += [*broken(page, f"{name}, {theme}"), *too_wide(page, name)]
    page.set_viewport_size(NARROWEST)
    faults += too_wide(page, "320 pixels")
    assert "\n".join(faults) == ""
