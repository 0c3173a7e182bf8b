"""One template database, built by edc_owner; clones of it for every process and for tests that commit."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from defier.addresses import ROOT

APPS = ("audit", "sites", "subjects", "visits", "outcomes")
KEPT_TEMPLATES = 4


def template_name() -> str:
    """Name the template by what builds it: an unchanged schema is built once on a server that stays."""
    digest = hashlib.sha256()
    for app in APPS:
        for file in sorted([*(ROOT / app).glob("migrations/*.py"), *(ROOT / app).rglob("*.sql")]):
            digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"test_template_{digest.hexdigest()[:12]}"


def clone() -> str:
    """Create a database for this process from the template, building that first where it is missing."""
    template = template_name()
    with _owner() as owner, _alone(owner):
        if not _exists(owner, template):
            _drop_leftovers(owner)
            _build(owner, template)
        name = f"test_{os.getpid()}_{os.urandom(3).hex()}"
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        _close_to_others(owner, name)
    return name


def drop(name: str) -> None:
    """Drop a clone after ending the sessions that our two roles left in it."""
    for url in ("DATABASE_URL", "DATABASE_READ_URL", "DATABASE_OWNER_URL"):
        if os.environ.get(url):
            with psycopg.connect(os.environ[url], autocommit=True) as link:
                link.execute(
                    "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                    " WHERE datname = %s AND usename = current_user",
                    [name],
                )
    with _owner() as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def use(name: str) -> str:
    """Point every alias at this database and return the name that they pointed at before."""
    before = ""
    for alias in settings.DATABASES:
        connection = connections[alias]
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
    return before


def address(url: str, name: str) -> str:
    """Return the address of the environment variable `url`, with this database's name."""
    return urlsplit(os.environ[url])._replace(path=f"/{name}").geturl()


@contextmanager
def _owner() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        yield connection


@contextmanager
def _alone(owner: psycopg.Connection) -> Iterator[None]:
    """Hold the lock under which templates are built and copied, which is freed even by kill -9."""
    owner.execute("SELECT pg_advisory_lock(hashtext('template of the tests'))")
    yield


def _exists(owner: psycopg.Connection, name: str) -> bool:
    return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _build(owner: psycopg.Connection, template: str) -> None:
    draft = f"{template}_draft"
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
    owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    _close_to_others(owner, draft)
    before = use(draft)
    try:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    finally:
        use(before)
    owner.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(template))
    )


def _close_to_others(owner: psycopg.Connection, name: str) -> None:
    """Give a database the rights that defier/roles.sql gives the real ones; a clone inherits none."""
    identifier = sql.Identifier(name)
    owner.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(identifier))
    owner.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO edc_app, edc_read").format(identifier))


def _drop_leftovers(owner: psycopg.Connection) -> None:
    """Drop old templates, and the clones of processes that have ended."""
    rows = owner.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' ORDER BY oid DESC"
    ).fetchall()
    names = [row[0] for row in rows]
    old = [name for name in names if name.startswith("test_template_")][KEPT_TEMPLATES:]
    dead = [name for name in names if name.split("_")[1].isdigit() and not _lives(int(name.split("_")[1]))]
    for name in (*old, *dead):
        try:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            continue


def _lives(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")
