"""The container files name only what exists: commands, variables, addresses, the same PostgreSQL."""

from __future__ import annotations

import importlib
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.celery import celery as celery_command
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from colibox import environment
from colibox.embedded import postgres, programs

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PORTAL = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "colibox"}


class Recorder(dict[str, str]):
    """An environment that remembers which names were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def known_variables() -> set[str]:
    source = Recorder({"SECRET_KEY": "k" * 50})
    environment.read(source)
    return source.asked


def instruction(name: str) -> list[str]:
    """The JSON words of the last instruction of that name in the Dockerfile."""
    lines = [line for line in DOCKERFILE.splitlines() if line.startswith(name)]
    words: list[str] = json.loads(re.search(r"\[.*\]", lines[-1])[0])  # type: ignore[index]
    return words


def commands() -> list[tuple[str, list[str]]]:
    of_services = [(name, service["command"]) for name, service in PORTAL.items() if "command" in service]
    return [("image", instruction("CMD")), *of_services]


def test_the_services_of_the_portal_are_all_there() -> None:
    assert set(PORTAL) == {"web", "worker", "imports", "beat", "migrate"}
    assert set(COMPOSE["services"]) - set(PORTAL) == {"db", "broker", "mail"}


@pytest.mark.parametrize(("service", "command"), commands())
def test_every_command_exists(service: str, command: list[str]) -> None:
    match command:
        case ["python", "manage.py", name, *_]:
            assert name in get_commands()
        case ["celery", "-A", app, name, *_]:
            assert importlib.import_module(f"{app}.celery").app.main == app
            assert name in celery_command.commands
        case ["granian", *_, target]:
            module, _, attribute = target.partition(":")
            assert callable(getattr(importlib.import_module(module), attribute))
        case _:
            pytest.fail(f"{service} runs something unknown: {command}")


def queues_of(command: list[str]) -> list[str]:
    return command[command.index("--queues") + 1].split(",") if "--queues" in command else []


def test_every_queue_has_one_worker_in_containers_and_in_the_embedded_run() -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    embedded = [program(ROOT, {}).arguments for program in (programs.worker, programs.imports_worker)]
    for started in ([command for _service, command in commands()], embedded):
        queues = [queue for command in started for queue in queues_of([*command])]
        assert sorted(queues) == sorted({"celery", *routed})


@pytest.mark.parametrize("service", PORTAL)
def test_every_variable_is_one_that_the_settings_read(service: str) -> None:
    assert set(PORTAL[service]["environment"]) <= known_variables()


@pytest.mark.parametrize("service", PORTAL)
def test_every_setting_can_be_given_in_the_file_beside(service: str) -> None:
    of_one_machine = {"DEBUG", "MAILBOX_DIR", "STATIC_ROOT"}
    assert known_variables() - set(PORTAL[service]["environment"]) == of_one_machine


def test_the_port_that_is_published_is_the_one_that_is_served_and_asked() -> None:
    [published] = PORTAL["web"]["ports"]
    command = instruction("CMD")
    port = command[command.index("--port") + 1]
    assert published.rpartition(":")[2] == port and f"EXPOSE {port}\n" in DOCKERFILE
    assert f'"127.0.0.1", {port}' in (ROOT / "docker" / "healthcheck.py").read_text()


def test_whatever_is_waited_for_says_when_it_is_well() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, condition in service.get("depends_on", {}).items():
            well = {"service_healthy": "test" in services[name].get("healthcheck", {})}
            assert well.get(condition["condition"], services[name].get("restart") == "no")


@pytest.mark.parametrize("service", PORTAL)
def test_every_setting_of_a_service_is_accepted(service: str) -> None:
    given = {"SECRET_KEY": "k" * 50, "COLIBOX_APP_PASSWORD": "a", "COLIBOX_OWNER_PASSWORD": "o"}

    def substituted(value: str) -> str:
        return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda m: given.get(m[1], m[2] or ""), str(value))

    given_here = {name: value for name, value in PORTAL[service]["environment"].items() if value is not None}
    values = {name: substituted(value) for name, value in given_here.items()}
    read = environment.read(values)
    assert read.database["USER"] == (postgres.OWNER if service == "migrate" else postgres.APP)
    assert read.database["NAME"] == postgres.DATABASE


def test_only_the_migrating_service_gets_the_password_of_the_owner() -> None:
    holders = {name for name, service in PORTAL.items() if "COLIBOX_OWNER_PASSWORD" in json.dumps(service)}
    assert holders == {"migrate"}


def test_the_database_is_of_the_same_major_version_as_the_embedded_one() -> None:
    image = COMPOSE["services"]["db"]["image"]
    assert image.split(":")[1].split(".")[0] == version(postgres.DISTRIBUTION).split(".")[0]


def test_the_roles_come_from_the_file_that_the_embedded_database_uses() -> None:
    mounts = [volume.split(":")[0] for volume in COMPOSE["services"]["db"]["volumes"]]
    assert f"./{postgres.ROLES_SQL.relative_to(ROOT)}" in mounts
    asked = set(re.findall(r"\\getenv \w+ (\w+)", postgres.ROLES_SQL.read_text()))
    assert asked <= set(COMPOSE["services"]["db"]["environment"])


def test_the_image_runs_as_somebody_who_is_not_root() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)[-1]
    assert user not in {"0", "root"}


def test_the_image_holds_nothing_but_the_production_lock() -> None:
    assert set(re.findall(r"requirements\S*\.txt", DOCKERFILE)) == {"requirements.txt"}


def test_the_health_check_asks_an_address_that_exists() -> None:
    script, path = instruction("HEALTHCHECK")[1:]
    assert (ROOT / script).exists()
    assert resolve(path).url_name == "livez"


def test_what_the_image_copies_is_not_left_out_of_the_build() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    needed = {"manage.py", "requirements.txt", "colibox", "docker", "locale", "static", "templates"}
    assert not needed & set(left_out)
