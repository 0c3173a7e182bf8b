"""Real workers on a real broker, killed in every way (CEL-01, CEL-02, CEL-03, CEL-04, CEL-05)."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools

from audit import jobs, running
from audit.models import Entry, Job
from defier import children, cluster, embedded
from defier.celery import app
from tests import databases
from tests.audit.probe import WANG

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("probe_database", "wire")]

SHORT = {"LEASE": "1.5", "GRACE": "0.3", "RESEND": "1.5", "RETRY": "0.2"}
PATIENCE = 60


class Broker:
    """A Valkey of the module's own, which tests stop and start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = embedded.free_port()
        self.address = f"redis://:secret@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = cluster.start_valkey(
            self.folder, port=self.port, password="secret", user=None, dies_with=signal.SIGKILL
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("broker"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def wire(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point this process at the broker, with short leases."""
    for name, value in SHORT.items():
        monkeypatch.setenv(f"JOB_{name}_SECONDS", value)
    monkeypatch.setattr(jobs, "QUIET_SECONDS", 0.2)
    before = app.conf.broker_url
    _connect(broker.address)
    yield
    _connect(before)
    if broker.process is None:
        broker.start()


def _connect(address: str | None) -> None:
    app.conf.broker_url = address
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def start_worker(broker: Broker, probe_database: str, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Start workers in sessions of their own; none survives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "DATABASE_URL": databases.address("DATABASE_URL", probe_database),
            "REDIS_URL": broker.address,
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "defier.celery",
            "worker",
            "-c",
            "1",
            "-Q",
            "default,pdf",
        ]
        command += [
            "--include",
            "tests.audit.job_functions",
            "--without-gossip",
            "--without-mingle",
            "-l",
            "INFO",
        ]
        log = tmp_path / f"worker{len(started)}.log"
        worker = children.spawn(
            command, environment=environment, log=log, dies_with=signal.SIGKILL, cwd=settings.BASE_DIR
        )
        started.append(worker)
        children.wait_for(lambda: b"ready." in log.read_bytes(), process=worker, log=log, seconds=PATIENCE)
        return worker

    yield start
    for worker in started:
        _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """kill -9 the worker and all its children."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def _ask(kind: str, file: Path, **args: Any) -> Job:
    return jobs.enqueue(kind, by=WANG, args={"file": str(file), **args})


def _until(condition: Callable[[], bool], *, sweeping: bool = True) -> None:
    """Wait for a condition, sweeping meanwhile as beat would."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, list(Job.objects.values("kind", "state", "attempts", "error"))
        if sweeping:
            running.sweep()
        time.sleep(0.1)


def _is(job: Job, state: str) -> bool:
    job.refresh_from_db()
    return job.state == state


def _marks(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.mark.urs("CEL-03")
def test_delivered_three_times_done_once(start_worker: Callable[[], Any], tmp_path: Path) -> None:
    start_worker()
    start_worker()
    file = tmp_path / "marks"
    job = _ask("test_once", file, tenths=25)  # longer than its lease, which the worker renews
    for _ in range(3):
        assert jobs.publish(job.pk, "default")
    _until(lambda: _is(job, "RUNNING") and job.done > 0)
    assert job.message == "working"
    _until(lambda: _is(job, "DONE"))
    time.sleep(0.5)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.done, job.result) == ("DONE", 1, 25, {"times": 1})
    assert _marks(file) == 1
    assert Entry.objects.filter(table_name="test_effect", new__file=str(file)).count() == 1


@pytest.mark.urs("CEL-02")
@pytest.mark.fault(3)
@pytest.mark.fault(4)
def test_a_broker_that_is_down_or_forgets_loses_nothing(
    broker: Broker, start_worker: Callable[[], Any], tmp_path: Path
) -> None:
    asked = [_ask("test_once", tmp_path / "forgotten") for _ in range(2)]
    broker.stop()
    before = time.monotonic()
    asked.append(_ask("test_once", tmp_path / "down"))
    assert time.monotonic() - before < 5
    assert _is(asked[-1], "QUEUED")
    broker.start()
    start_worker()
    _until(lambda: all(_is(job, "DONE") for job in asked))
    assert (_marks(tmp_path / "forgotten"), _marks(tmp_path / "down")) == (2, 1)


@pytest.mark.urs("CEL-05")
@pytest.mark.fault(2)
def test_a_job_that_kills_its_worker_stops_after_three(
    start_worker: Callable[[], Any], tmp_path: Path
) -> None:
    start_worker()
    job = _ask("test_poison", tmp_path / "marks")
    _until(lambda: _is(job, "DEAD"))
    assert (job.attempts, job.error) == (3, "The worker was lost")
    assert _marks(tmp_path / "marks") == 3
    after = _ask("test_once", tmp_path / "after")
    _until(lambda: _is(after, "DONE"))


@pytest.mark.urs("CEL-04")
@pytest.mark.fault(1)
def test_a_killed_worker_s_job_is_done_by_another(start_worker: Callable[[], Any], tmp_path: Path) -> None:
    first = start_worker()
    job = _ask("test_second_time", tmp_path / "marks")
    _until(lambda: _marks(tmp_path / "marks") == 1)
    _kill(first)
    assert _is(job, "RUNNING")
    start_worker()
    _until(lambda: _is(job, "DONE"))
    assert job.attempts == 2


@pytest.mark.urs("CEL-01")
def test_a_pickle_is_not_opened(start_worker: Callable[[], Any], tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.system, (f"touch {canary}",)

    start_worker()
    with app.connection_for_write() as link, link.Producer(serializer="pickle") as producer:
        producer.publish(
            [[Bomb()], {}, {}],
            routing_key="default",
            headers={"task": "audit.run_job", "id": "bomb", "lang": "py"},
            declare=[app.amqp.queues["default"]],
        )
    job = _ask("test_once", tmp_path / "marks")
    _until(lambda: _is(job, "DONE"))
    assert not canary.exists()
    assert b"ContentDisallowed" in (tmp_path / "worker0.log").read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_job WHERE state = 'RUNNING'")
        assert cursor.fetchone() == (0,)
