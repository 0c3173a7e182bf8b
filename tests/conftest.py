"""Tests run as edc_app on real PostgreSQL, in a clone of one template; nothing is flushed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.faults import report as faults

STARTED = None if "PYTEST_XDIST_WORKER" in os.environ else servers.ensure()
servers.own_broker_database()
os.environ.update(
    {"DJANGO_SETTINGS_MODULE": "defier.settings", "DEMO": "0", "MFA_REQUIRED": "0", "STATIC_HASHED": "0"}
)
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402
import django.conf  # noqa: E402

django.conf.settings.DURABILITY = ["data_checksums"]  # our own servers keep nothing, on purpose
django.setup()  # before the conftest.py of folders, which name models

from audit.sight import seeing  # noqa: E402
from tests import hashing  # noqa: E402

# What a test looks up itself is of the whole study; requests and acts inside of it see what they may.
WHOLE_STUDY = seeing(None)
WHOLE_STUDY.__enter__()


def pytest_configure(config: Any) -> None:
    """Hash passwords at little cost, but where the faults are: their people sign in to running processes."""
    if not faults.asked_for(config):
        hashing.cheapen()


def pytest_ignore_collect(collection_path: Path, config: Any) -> bool | None:
    """Leave the faults to `make faults`."""
    return True if collection_path.name == "faults" and not faults.asked_for(config) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no process is left alone with one at the end."""
    weights: dict[Path, int] = {}
    for item in items:
        weight = 2 if item.get_closest_marker("browser") else 1 if item.get_closest_marker("slow") else 0
        weights[item.path] = max(weight, weights.get(item.path, 0))
    items.sort(key=lambda item: -weights[item.path])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any) -> Any:
    outcome = yield
    found = outcome.get_result()
    if found.when == "call" or found.outcome != "passed":
        found.faults = [mark.args[0] for mark in item.iter_markers("fault")]


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    if faults.asked_for(config):
        faults.written(terminalreporter)


def pytest_unconfigure() -> None:
    if STARTED is not None:
        servers.end(STARTED)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Clone the template for this process; `db` and its kin then roll back inside it."""
    from tests import databases

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = databases.clone()
        before = databases.use(name)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        databases.use(before)
        databases.drop(name)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """Give a test a database of its own, in which it commits; its name is the value. Do not use with `db`."""
    from tests import databases

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = databases.clone()
        before = databases.use(name)
        try:
            yield name
        finally:
            databases.use(before)
            databases.drop(name)
