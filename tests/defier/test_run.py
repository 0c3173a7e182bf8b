"""`make run` for real: it answers, and when any part of it dies nothing of it is left."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from defier import addresses, children, cluster, embedded, run
from tests import servers
from tests.defier import processes_under_test as observed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One folder for all starts of this module: a start must find in order what a killed one has left."""
    folder = addresses.var_folder() / "tests" / str(os.getpid()) / "run"
    yield folder
    cluster.Cluster.at(folder, user=children.unprivileged_user()).discard()
    shutil.rmtree(folder, ignore_errors=True)


def start(var: Path, port: int) -> subprocess.Popen[str]:
    around = {name: value for name, value in os.environ.items() if name not in servers.NAMES + ("DEMO",)}
    return subprocess.Popen(
        [sys.executable, "-m", "defier.run", "--real", "--port", str(port)],
        env={**around, "EDC_VAR": str(var), "WEB_WORKERS": "1", "LOG_LEVEL": "INFO"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def house(var: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start an empty study and give the supervisor and its port."""
    port = embedded.free_port()
    process = start(var, port)
    try:
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            return
    pytest.fail(f"It did not start:\n{said}")


def find(family: set[int], word: str) -> int:
    """Return the eldest process of the family whose command has this word."""
    return min(pid for pid in family if word in observed.command_of(pid))


@pytest.mark.urs("CEL-04")
@pytest.mark.parametrize(
    ("name", "word", "number"),
    [
        ("ctrl-c", None, signal.SIGINT),
        ("killed", None, signal.SIGKILL),
        ("web", "gunicorn", signal.SIGKILL),
        ("worker", "--queues=default", signal.SIGKILL),
        ("beat", " beat ", signal.SIGKILL),
        ("postgres", "/bin/postgres", signal.SIGKILL),
        ("valkey", "valkey-server", signal.SIGKILL),
    ],
)
def test_nothing_is_left_running(var: Path, name: str, word: str | None, number: int) -> None:
    with house(var) as (process, port):
        wait_until_ready(process)
        assert run.answers(port)
        family = observed.below(process.pid)
        assert len(family) >= 10
        os.kill(find(family, word) if word else process.pid, number)
        assert observed.left_after({*family, process.pid}, seconds=40) == {}
        assert process.wait(5) == {"ctrl-c": 0, "killed": -signal.SIGKILL}.get(name, 1)


def test_two_at_once_are_refused(var: Path) -> None:
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "run.lock", "w") as lock:
        lock.write("http://127.0.0.1:8000/")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = start(var, embedded.free_port())
        said, _ = second.communicate(timeout=60)
    assert "It already runs: http://127.0.0.1:8000/" in said
    assert second.returncode == 1


def test_a_taken_port_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert embedded.free_port(port) != port


def test_a_root_whose_folder_nobody_may_enter_still_gets_a_database(tmp_path: Path) -> None:
    user = children.unprivileged_user()
    if user is None:
        pytest.skip("only root has to change its user")
    tmp_path.chmod(0o700)
    place = cluster.Cluster.at(tmp_path / "var", user=user)
    try:
        place.create(password="superuser")
        assert place.data.is_relative_to("/var/lib/defier")
        assert place.data.stat().st_uid == user.pw_uid
    finally:
        place.discard()
