"""The house has one street: each folder imports only from those left of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from defier.addresses import ROOT

STREET = ("protocol", "audit", "sites", "subjects", "visits", "outcomes", "defier")
MODULES = sorted(file for folder in STREET for file in (ROOT / folder).rglob("*.py"))
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.db.backends.signals")


def imports(file: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports, relative imports resolved."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_imports_go_leftwards(file: Path) -> None:
    own = STREET.index(file.relative_to(ROOT).parts[0])
    for imported in imports(file):
        folder = imported.split(".")[0]
        if folder in STREET:
            assert STREET.index(folder) <= own, f"{name(file)} imports {imported}"
        assert folder not in ("tests", "benchmarks"), f"{name(file)} imports {imported}"


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_no_signals(file: Path) -> None:
    for imported in imports(file):
        assert not imported.startswith(SIGNALS), f"{name(file)} imports {imported}"


@pytest.mark.parametrize("folder", ["protocol", "outcomes/stats"])
def test_the_study_and_its_statistics_know_no_django(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert len(files) > 5, folder
    for file in files:
        for imported in imports(file):
            assert imported.split(".")[0] != "django", f"{name(file)} imports {imported}"


def test_modules_are_named_by_words_of_the_field() -> None:
    for file in MODULES:
        assert file.stem not in ("utils", "helpers", "misc", "common"), name(file)
        assert not {"utils", "helpers", "common"} & set(file.relative_to(ROOT).parts), name(file)


def test_every_folder_of_tests_is_a_package() -> None:
    for folder in {file.parent for file in (ROOT / "tests").rglob("*.py")}:
        assert (folder / "__init__.py").exists(), folder


@pytest.mark.parametrize(("line", "found"), [
    ("from visits.models import Page", "visits.models.Page"),
    ("import outcomes.adsl", "outcomes.adsl"),
    ("from . import roles", "sites.roles"),
    ("from .roles import Role", "sites.roles.Role"),
])  # fmt: skip
def test_the_walk_sees_every_kind_of_import(line: str, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: line)
    assert list(imports(ROOT / "sites" / "access.py")) == [found]
