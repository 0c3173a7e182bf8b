"""The running system without a browser: each process, and the broker, can be killed and started again.

The tests' own process is pointed at the same broker, so that what it asks for is sent to these workers.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kombu import pools

from audit import jobs
from defier import children, cluster, embedded, processes, run
from defier.addresses import ROOT
from defier.celery import app
from tests import databases, people

SHORT = {
    "JOB_LEASE_SECONDS": "2",
    "JOB_GRACE_SECONDS": "0.5",
    "JOB_RESEND_SECONDS": "2",
    "JOB_RETRY_SECONDS": "0.2",
}
TESTS_OWN = "--include=tests.audit.job_functions"
KINDS = {one.name: one for one in (processes.WEB, processes.WORKER, processes.PDF, processes.BEAT)}


@dataclass(slots=True)
class Stack:
    """Web, workers, beat and a broker of their own on one database."""

    people: people.People
    logs: Path
    database: str
    port: int
    broker_port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def broker(self) -> str:
        """Where the broker answers."""
        return f"redis://:secret@127.0.0.1:{self.broker_port}/0"

    def start(self, name: str, **more: str) -> None:
        """Start a process, or the broker; `more` is told to the process in its environment."""
        if name == "broker":
            self.running[name] = cluster.start_valkey(
                self.logs / "broker",
                port=self.broker_port,
                password="secret",
                user=None,
                dies_with=signal.SIGKILL,
            )
            return
        log = self.logs / f"{name}.log"
        self.running[name] = self.spawn(name, log=log, **more)
        if name == "web":
            self.wait_for_web(self.running[name], log=log, port=self.port)

    def spawn(self, name: str, *, log: Path, **more: str) -> subprocess.Popen[bytes]:
        """Start a process of one kind with its log, and say nothing of when it is ready."""
        process = KINDS[name]
        command = [str(Path(sys.executable).parent / process.command[0]), *process.command[1:]]
        if "worker" in command:
            command.append(TESTS_OWN)
        return children.spawn(
            command,
            environment={**self.environment(process.environment), **more},
            log=log,
            dies_with=signal.SIGKILL,
            cwd=ROOT,
        )

    def environment(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return what a process is told, besides what is its own."""
        return {
            **os.environ,
            **SHORT,
            "ROW_SECURITY": "1",
            **own,
            "DATABASE_URL": databases.address("DATABASE_URL", self.database),
            "DATABASE_READ_URL": databases.address("DATABASE_READ_URL", self.database),
            "DATABASE_OWNER_URL": "",
            "REDIS_URL": self.broker,
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "1",
            "WEB_TIMEOUT": "15",
            "STATIC_HASHED": "0",
            "EDC_VAR": str(self.logs),
        }

    def wait_for_web(self, process: subprocess.Popen[bytes], *, log: Path, port: int) -> None:
        """Return when a web process answers at its port."""
        children.wait_for(lambda: run.answers(port), process=process, log=log, seconds=90)

    def ask_to_end(self, name: str) -> None:
        """Ask a process to end, as a deploy does, and wait until it has ended by itself."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    def children(self, name: str) -> list[int]:
        """Return the numbers of the processes that a process has started and that live."""
        pid = self.running[name].pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self, name: str) -> None:
        """kill -9 a process and all of its children."""
        process = self.running.pop(name)
        children.kill_group(process.pid)
        process.wait()

    def end(self) -> None:
        """End every process."""
        for process in reversed(self.running.values()):
            children.stop(process, patience=5)

    def flush(self) -> None:
        """Make the broker forget everything."""
        import redis

        redis.Redis(port=self.broker_port, password="secret").flushall()


@contextmanager
def standing(folder: Path, *, apart: bool = False) -> Iterator[Stack]:
    """Start everything on a fresh clone and end it again, whatever happens; logs go to the folder.

    The tests' process works there meanwhile, unless the system stands `apart` from what is tested.
    """
    with ExitStack() as ends:
        name = databases.clone()
        ends.callback(databases.drop, name)
        with using(name):
            known = people.build_people()
            for user in known.users.values():
                people.give_password(user)
        stack = Stack(known, folder, name, embedded.free_port(), embedded.free_port())
        ends.callback(stack.end)
        for started in ("broker", *KINDS):
            stack.start(started)
        if not apart:
            ends.enter_context(using(name))
            ends.enter_context(_pointed_at(stack.broker))
        yield stack


@contextmanager
def using(database: str) -> Iterator[None]:
    """Let the tests' process work in this database for a while, where two systems stand."""
    before = databases.use(database)
    try:
        yield
    finally:
        databases.use(before)


@contextmanager
def _pointed_at(broker: str) -> Iterator[None]:
    """Let the tests' process send to this broker, and sweep with the same short times."""
    before = app.conf.broker_url
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SHORT.items():
            patch.setenv(name, value)
        patch.setattr(jobs, "QUIET_SECONDS", 0.2)
        _connect(broker)
        yield
        _connect(before)


def _connect(broker: str | None) -> None:
    app.conf.broker_url = broker
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
