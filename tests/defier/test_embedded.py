"""The embedded servers: closed, durable, never root, and gone when whoever started them is gone."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from defier import addresses, children, cluster, embedded
from tests.defier import processes_under_test as observed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A folder beside those of the other tests: pytest's own may be entered by nobody but us."""
    folder = addresses.var_folder() / "tests" / str(os.getpid()) / "embedded"
    yield folder
    cluster.Cluster.at(folder, user=children.unprivileged_user()).discard()


@pytest.fixture(scope="module")
def servers(var: Path) -> Iterator[embedded.Servers]:
    servers = embedded.launch(var, demo=False, dies_with_us=True)
    yield servers
    embedded.stop_all(servers.processes)
    assert embedded.running(var) is None


def test_nothing_runs_as_root(servers: embedded.Servers) -> None:
    for process in servers.processes.values():
        assert observed.owner_of(process.pid) != 0


def test_secrets_are_readable_by_their_owner_alone(servers: embedded.Servers, var: Path) -> None:
    for name in ("address.env", "passwords.json"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600
    commands = "".join(observed.command_of(process.pid) for process in servers.processes.values())
    for name in embedded.launch.__globals__["_passwords"](var).values():
        assert name not in commands


@pytest.mark.urs("BCK-04")
def test_what_is_committed_is_on_disk(servers: embedded.Servers) -> None:
    with psycopg.connect(servers.environment["DATABASE_URL"]) as link:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert link.execute("SELECT current_setting(%s)", [name]).fetchone() == ("on",), name


@pytest.mark.urs("AUD-04")
def test_the_three_roles_may_do_no_more_than_they_need(servers: embedded.Servers) -> None:
    with psycopg.connect(servers.environment["DATABASE_OWNER_URL"]) as link:
        rows = link.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication"
            " FROM pg_roles WHERE rolname LIKE 'edc%' ORDER BY rolname"
        ).fetchall()
    assert rows == [
        ("edc_app", False, False, False, False, False),
        ("edc_owner", False, True, False, False, False),
        ("edc_read", False, False, False, False, False),
    ]
    with (
        psycopg.connect(servers.environment["DATABASE_URL"], autocommit=True) as link,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        link.execute("CREATE TABLE notes (line text)")
    with (
        psycopg.connect(servers.environment["DATABASE_READ_URL"], autocommit=True) as link,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)),
    ):
        link.execute("CREATE TEMPORARY TABLE notes (line text)")


@pytest.mark.urs("SEC-15")
def test_a_wrong_password_and_another_address_are_refused(servers: embedded.Servers) -> None:
    url = servers.environment["DATABASE_URL"]
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "wrong"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(f":{password}", ""))
    with psycopg.connect(url) as link:
        assert link.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_a_second_start_is_refused_and_status_knows_the_first(servers: embedded.Servers, var: Path) -> None:
    assert embedded.running(var) == servers.environment
    with pytest.raises(RuntimeError, match="already run"):
        embedded.launch(var, demo=False, dies_with_us=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_one_who_started_it(var: Path, number: int) -> None:
    folder = var.with_name(f"embedded-{number}")
    process = subprocess.Popen(
        [sys.executable, "-m", "defier.embedded", "run"],
        env={**os.environ, "EDC_VAR": str(folder)},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        family = observed.below(process.pid)
        assert len(family) > 2
        process.send_signal(number)
        process.wait(30)
        assert observed.left_after(family, seconds=20) == {}
    finally:
        process.kill()
        process.communicate()
        cluster.Cluster.at(folder, user=children.unprivileged_user()).discard()
