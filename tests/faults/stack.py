"""The running system without a browser: each process, and the broker, can be killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from defier import children, cluster, embedded, processes, run
from defier.addresses import ROOT
from tests import databases, people

SHORT = {"JOB_LEASE_SECONDS": "2", "JOB_GRACE_SECONDS": "0.5", "JOB_RESEND_SECONDS": "2"}
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

    def start(self, name: str) -> None:
        """Start a process, or the broker."""
        if name == "broker":
            self.running[name] = cluster.start_valkey(
                self.logs / "broker",
                port=self.broker_port,
                password="secret",
                user=None,
                dies_with=signal.SIGKILL,
            )
            return
        process = KINDS[name]
        environment = {
            **os.environ,
            **SHORT,
            "ROW_SECURITY": "1",
            **process.environment,
            "DATABASE_URL": databases.address("DATABASE_URL", self.database),
            "DATABASE_READ_URL": databases.address("DATABASE_READ_URL", self.database),
            "DATABASE_OWNER_URL": "",
            "REDIS_URL": f"redis://:secret@127.0.0.1:{self.broker_port}/0",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "1",
            "STATIC_HASHED": "0",
        }
        command = [str(Path(sys.executable).parent / process.command[0]), *process.command[1:]]
        log = self.logs / f"{name}.log"
        self.running[name] = children.spawn(
            command, environment=environment, log=log, dies_with=signal.SIGKILL, cwd=ROOT
        )
        if name == "web":
            children.wait_for(lambda: run.answers(self.port), process=self.running[name], log=log, seconds=90)

    def kill(self, name: str) -> None:
        """kill -9 a process and all of its children."""
        process = self.running.pop(name)
        children.kill_group(process.pid)
        process.wait()

    def flush(self) -> None:
        """Make the broker forget everything."""
        import redis

        redis.Redis(port=self.broker_port, password="secret").flushall()


@contextmanager
def standing(folder: Path) -> Iterator[Stack]:
    """Start everything on a fresh clone and end it again, whatever happens; logs go to the folder."""
    name = databases.clone()
    before = databases.use(name)
    stack = None
    try:
        known = people.build_people()
        for user in known.users.values():
            people.give_password(user)
        stack = Stack(known, folder, name, embedded.free_port(), embedded.free_port())
        for started in ("broker", *KINDS):
            stack.start(started)
        yield stack
    finally:
        for process in reversed(stack.running.values() if stack else ()):
            children.stop(process, patience=5)
        databases.use(before)
        databases.drop(name)
