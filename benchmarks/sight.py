"""Saves over HTTP with row-level security and without, side by side on the same rows."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.http import FORM, MANY, ONE, PAGES, demo, people_of, timed, together
from benchmarks.measurement import WHOLE_STUDY, Measurement, percentile
from defier import addresses, children, embedded, processes
from defier.run import answers

ROUNDS = 2


def measure() -> Iterator[Measurement]:
    """Two web servers on one database, one of which declares the whole study for its connections."""
    with demo() as (port, database), _unguarded() as other:
        with psycopg.connect(database, options=WHOLE_STUDY) as link:
            rows = link.execute(PAGES, [FORM, MANY]).fetchall()
        for turn in range(ROUNDS):
            for words, at in (("with", port), ("without", other)):
                people = people_of(at, rows)
                for person in people:
                    person.open()
                    person.read()
                saved = timed(people[0].save, ONE)
                yield Measurement(f"{turn + 1}: save {words}, one user: p50", percentile(saved, 0.5), "ms")
                for person in people:
                    person.open()
                    person.read()
                taken, errors, seconds = together(people)
                yield Measurement(f"{turn + 1}: saves {words}, {MANY} users", len(taken) / seconds, "/s")
                yield Measurement(f"{turn + 1}: errors {words}", len(errors), "", budget=0)


@contextmanager
def _unguarded() -> Iterator[int]:
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
