"""Saves over HTTP with trail, roles and row-level security, without the last, and bare: in one run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.http import FORM, MANY, ONE, PAGES, Person, bare, demo, people_of, timed, together
from benchmarks.measurement import WHOLE_STUDY, Measurement, percentile
from defier import addresses, children, embedded, processes
from defier.run import answers

ROUNDS = 2
GUARDED = "with trail, roles, row security"
UNGUARDED = "without row security"
BARE = "without trail, checks, row security"
WARM = 5  # saves of each person, unmeasured
QUIET = 600  # seconds that the jobs of a round may take at most
WAITING = "SELECT count(*) FROM audit_job WHERE state = 'RUNNING' OR (state = 'QUEUED' AND due <= now())"


def measure() -> Iterator[Measurement]:
    """Two web servers in turn on one database, the second declaring the whole study; then the bare one."""
    with demo() as (port, database, house):
        with psycopg.connect(database, options=WHOLE_STUDY) as link:
            rows = link.execute(PAGES, [FORM, MANY]).fetchall()
        with _unguarded() as other:
            servers = [(port, GUARDED), (other, UNGUARDED)]
            for at, _what in servers:
                _warm(people_of(at, rows))
            for turn in range(ROUNDS):
                for at, what in servers:
                    _quiet(database)
                    yield from _saved(people_of(at, rows), f"{turn + 1}: {what}")
                servers.reverse()  # so that neither always comes first
        people = people_of(port, rows)
        _quiet(database)
        bare(house, port, ROW_SECURITY="0")
        for person in people:
            person.link.close()
        yield from _saved(people, BARE)


def _quiet(database: str) -> None:
    """Wait until no job waits or runs: what one round has left to the workers would slow the next one."""
    end = time.monotonic() + QUIET
    with psycopg.connect(database, options=WHOLE_STUDY, autocommit=True) as link:
        while (link.execute(WAITING).fetchone() or (0,))[0]:
            if time.monotonic() > end:
                raise RuntimeError(f"the jobs were not done after {QUIET} s")
            time.sleep(1)


def _warm(people: list[Person]) -> None:
    """Save a little, unmeasured: the first server would else read from the disk what the other finds read."""
    for person in people:
        person.open()
        person.read()
        for _time in range(WARM):
            person.save()
        person.link.close()


def _saved(people: list[Person], what: str) -> Iterator[Measurement]:
    for person in people:
        person.open()
        person.read()
    one = timed(people[0].save, ONE)
    yield Measurement(f"{what}, 1 user: p50", percentile(one, 0.5), "ms")
    taken, errors, seconds = together(people)
    yield Measurement(f"{what}, {MANY} users", len(taken) / seconds, "/s")
    yield Measurement(f"{what}: errors", len(errors), "", budget=0)
    for person in people:
        person.link.close()


@contextmanager
def _unguarded() -> Iterator[int]:
    """Serve the same database from another web process, for whose connections nothing is hidden."""
    port = embedded.free_port()
    environment = {
        **os.environ,
        **addresses.read(),
        **processes.WEB.environment,
        "DATABASE_OWNER_URL": "",
        "DEMO": "1",
        "ROW_SECURITY": "0",
        "WEB_BIND": f"127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).parent / processes.WEB.command[0]), *processes.WEB.command[1:]]
    log = addresses.var_folder() / "log" / "unguarded.log"
    web: subprocess.Popen[bytes] = children.spawn(
        command, environment=environment, log=log, dies_with=signal.SIGTERM, cwd=addresses.ROOT
    )
    try:
        children.wait_for(lambda: answers(port), process=web, log=log, seconds=60)
        yield port
    finally:
        children.stop(web)
