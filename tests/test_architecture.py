"""The house as docs/architecture.md draws it: which arrow may exist, what a module may hold, how long a view may be."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = {"users", "accounts", "rights", "imports", "tracking"}
MAY_IMPORT = {
    "users": {"users"},
    "accounts": {"users", "accounts"},
    "rights": {"users", "accounts", "rights"},
    "tracking": {"users", "accounts", "rights", "tracking"},
    "imports": {"users", "accounts", "rights", "imports"},
    "colibox": set(),
}
"""X: what the modules of X may import, one way only."""

EVERY_VIEW_MAY_ASK = {"rights.access", "rights.catalogue"}
ADDRESSES = {"colibox/urls.py"}
"""The one wiring module that names views: Django takes them as objects."""

FORBIDDEN_NAMES = {"utils.py", "helpers.py", "services.py", "signals.py", "common.py", "misc.py"}
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the portal that git knows, by path, parsed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for path in listed:
        if path.split("/")[0] in {*APPS, "colibox"} and (ROOT / path).exists():
            yield path, ast.parse((ROOT / path).read_text())


MODULES = dict(modules())
WRITTEN = {path: tree for path, tree in MODULES.items() if "/migrations/" not in path}


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules named by the imports of a tree, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_view(path: str) -> bool:
    return path.endswith("/views.py") or "/views/" in path


def test_imports_follow_the_arrows() -> None:
    wrong = []
    for path, tree in MODULES.items():
        owner = path.split("/")[0]
        for name in imports(tree):
            target = name.split(".")[0]
            asked = ".".join(name.split(".")[:2]) in EVERY_VIEW_MAY_ASK and is_view(path)
            if target in APPS and target not in MAY_IMPORT[owner] and not asked and path not in ADDRESSES:
                wrong.append(f"{path} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("app", sorted(APPS))
def test_what_models_are_made_of_knows_nothing_of_the_actions_of_their_app(app: str) -> None:
    """Nor does anything that it imports in turn: a knot that only the order of imports would keep from being one."""
    own = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in WRITTEN}
    own = {name: path for name, path in own.items() if path.startswith(f"{app}/")}
    made_of = [path for name, path in own.items() if f"{name}.".startswith(f"{app}.models.")]
    for path in made_of:
        taken = {module for name in imports(WRITTEN[path]) for module in (name, name.rpartition(".")[0])} & own.keys()
        made_of += sorted({own[module] for module in taken}.difference(made_of))
    assert [path for path in made_of if path.startswith(f"{app}/actions")] == []


def test_apps_take_nothing_but_the_leaf_helpers_from_the_wiring() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in MODULES.items()
        if path.split("/")[0] in APPS
        for name in imports(tree)
        if name.startswith("colibox") and not name.startswith("colibox.lib")
    ]
    assert wrong == []


def test_leaf_helpers_import_no_app_and_no_wiring() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in MODULES.items()
        if path.startswith("colibox/lib/")
        for name in imports(tree)
        if name.split(".")[0] in APPS or (name.startswith("colibox") and not name.startswith("colibox.lib"))
    ]
    assert wrong == []


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = [
        f"{path}:{inner.lineno}"
        for path, tree in WRITTEN.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert wrong == []


def test_no_model_signal_is_used() -> None:
    wrong = [path for path, tree in WRITTEN.items() for name in imports(tree) if name.split(".")[-1] in MODEL_SIGNALS]
    assert wrong == []


def test_no_module_is_a_drawer() -> None:
    assert [path for path in WRITTEN if Path(path).name in FORBIDDEN_NAMES] == []


def test_every_module_says_what_belongs_in_it() -> None:
    assert [path for path, tree in MODULES.items() if not ast.get_docstring(tree)] == []


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {path: len((ROOT / path).read_text().splitlines()) for path in WRITTEN}
    assert {path: lines for path, lines in long.items() if lines > 400} == {}


def functions(paths: Iterator[str] | list[str]) -> dict[str, int]:
    """How many lines each function has, its docstring and decorators aside."""
    lengths = {}
    for path in paths:
        for node in ast.walk(WRITTEN[path]):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                lengths[f"{path}:{node.name}"] = length
    return lengths


def test_views_are_short() -> None:
    lengths = functions([path for path in WRITTEN if is_view(path)])
    assert {name: length for name, length in lengths.items() if length > 40} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 15


def test_functions_are_short() -> None:
    lengths = sorted(functions(list(WRITTEN)).values())
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 20


def test_actions_take_keywords_only() -> None:
    """What changes state in one transaction reads as a sentence: `actions.suspend(link=…, by=…)`."""
    wrong = [
        f"{path}:{node.name}"
        for path, tree in WRITTEN.items()
        if path.endswith("/actions.py") or "/actions/" in path
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
        if node.args.args or node.args.posonlyargs
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", [p for p in WRITTEN if p.split("/")[-1] in {"models.py", "actions.py"} or "/actions/" in p]
)
def test_models_and_actions_know_nothing_of_requests_and_forms(path: str) -> None:
    banned = ("django.http", "django.forms", "django.shortcuts", "django.urls")
    assert [name for name in imports(WRITTEN[path]) if name.startswith(banned)] == []
