"""The carrier's staff pages."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.conftest import make_person
from users.models import User


@pytest.fixture
def operator(cast: SimpleNamespace) -> User:
    return make_person("operateur", kind="staff")


LISTS = [
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
    if model._meta.app_label in {"users", "accounts", "rights"}
]


@pytest.mark.parametrize("address", LISTS)
def test_an_operator_reads_every_account(address: str, cast: SimpleNamespace, operator: User, sign_in: Any) -> None:
    client = sign_in(operator)
    assert client.get(address).status_code == 200
    assert client.get(f"{address}add/").status_code == 403


def test_an_operator_looks_at_a_link_without_its_secrets(cast: SimpleNamespace, operator: User, sign_in: Any) -> None:
    address = reverse("admin:rights_accountlink_change", args=[cast.partner_south_link.pk])
    page = sign_in(operator).get(address).content.decode()
    assert "Berlioz" in page
    assert "token_digest" not in page
    assert sign_in(operator).post(address, {"state": "ended"}).status_code == 403


def test_an_operator_finds_a_person_by_e_mail(cast: SimpleNamespace, operator: User, sign_in: Any) -> None:
    page = sign_in(operator).get(reverse("admin:users_user_changelist"), {"q": "A.BERLIOZ@"}).content.decode()
    assert "a.berlioz" in page
    assert "c.martin" not in page


def test_there_is_one_sign_in(client: Client, db: None) -> None:
    response = client.get(reverse("admin:login"), {"next": "/operator/"})
    assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "question",
    [
        "users/user/?password__startswith=md5",
        "users/user/?user_key__startswith=A",
        "rights/accountlink/?token_digest__startswith=a",
        "users/user/?kind__exact=%00",
    ],
)
def test_an_operator_cannot_guess_a_secret_letter_by_letter(
    question: str, cast: SimpleNamespace, operator: User, sign_in: Any
) -> None:
    assert sign_in(operator).get(f"/operator/{question}").status_code == 400


def test_an_operator_filters_by_the_filters_shown(cast: SimpleNamespace, operator: User, sign_in: Any) -> None:
    page = sign_in(operator).get("/operator/users/user/?kind__exact=advanced").content.decode()
    assert "a.berlioz" in page and "c.martin" not in page


def test_an_operator_changes_their_password_where_everybody_does(
    cast: SimpleNamespace, operator: User, sign_in: Any
) -> None:
    response = sign_in(operator).get(reverse("admin:password_change"))
    assert response.headers["Location"] == reverse("account_change_password")
