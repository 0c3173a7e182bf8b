"""Declaring who writes and why: the database refuses whatever is written outside of acting().

The declaration lives in settings of the transaction (edc.*), so that it cannot outlive it. Where several
chains are written in one transaction their heads are taken first, in order (take_chains), so that two
transactions never wait for each other.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction

from audit import clock
from audit.actors import Actor
from audit.reasons import REASONS, Reason
from audit.sight import seeing_as

__all__ = ["REASONS", "Actor", "Reason", "acting", "current_actor", "record_event", "take_chains"]

SETTINGS = (
    "actor",
    "name",
    "role",
    "site",
    "origin",
    "session",
    "request",
    "behalf",
    "reason",
    "reason_text",
    "at",
)
_DECLARE = "SELECT " + ", ".join(f"set_config('edc.{name}', %s, true)" for name in SETTINGS)
_CLEAR = "SELECT " + ", ".join(f"set_config('edc.{name}', '', true)" for name in (*SETTINGS, "chains"))


@dataclass(frozen=True, slots=True)
class _Declaration:
    by: Actor
    reason: Reason | None
    at: datetime | None

    def values(self) -> list[str]:
        by, reason = self.by, self.reason
        return [
            by.identity,
            by.name,
            by.role,
            by.site or "",
            by.origin,
            by.session,
            by.request_id,
            by.on_behalf_of,
            reason.code if reason else "",
            reason.text if reason else "",
            self.at.isoformat() if self.at else "",
        ]


_declared: ContextVar[dict[str, _Declaration] | None] = ContextVar("declared", default=None)


@contextmanager
def acting(
    *, by: Actor, reason: Reason | None = None, at: datetime | None = None, using: str = "default"
) -> Iterator[None]:
    """Open a transaction in which `by` writes, for `reason`; forget both when it ends.

    Inside another acting() the chains already taken stay taken, and the outer declaration returns at the end.
    The database shows the rows of the sites that `by` sees, and no more than the request does (audit.sight).
    `at` is the time of what is recorded, heard on a simulated database only (audit.clock).
    """
    everywhere = _declared.get() or {}
    outer = everywhere.get(using)
    declaration = _Declaration(by, reason, at or (outer.at if outer else None))
    connection = connections[using]
    inside = connection.in_atomic_block
    token = _declared.set({**everywhere, using: declaration})
    stated = clock.stated.set(declaration.at)
    try:
        with seeing_as(by), transaction.atomic(using=using):
            if declaration != outer:
                _set(using, _DECLARE, declaration.values())
            yield
            if outer is not None and declaration != outer:
                _set(using, _DECLARE, outer.values())
            elif outer is None and inside:
                # Else the end of the transaction clears them.
                _set(using, _CLEAR, [])
    finally:
        clock.stated.reset(stated)
        _declared.reset(token)


def current_actor(using: str = "default") -> Actor | None:
    """Return who is acting here, or None."""
    declaration = (_declared.get() or {}).get(using)
    return declaration.by if declaration else None


def take_chains(
    *,
    subjects: Iterable[UUID | str] = (),
    sites: Iterable[str] = (),
    study: bool = False,
    using: str = "default",
) -> None:
    """Take the heads of all chains that the transaction will write, in order; only inside acting()."""
    chains = [f"subject:{subject}" for subject in subjects] + [f"site:{site}" for site in sites]
    if study:
        chains.append("study")
    _set(using, "SELECT audit_take(%s)", [chains])


def record_event(
    kind: str,
    *,
    by: Actor,
    detail: dict[str, Any],
    subject: UUID | str | None = None,
    site: str | None = None,
    using: str = "default",
) -> None:
    """Record in the trail what is no write: a login, a download, a view of the trail.

    It stands in the chain of the subject, else of the site, else of the study. `detail` must be JSON.
    """
    with acting(by=by, using=using):
        _set(
            using,
            "SELECT audit_event(%s, %s, %s, %s)",
            [kind, json.dumps(detail, cls=DjangoJSONEncoder), str(subject) if subject else None, site],
        )


def _set(using: str, statement: str, values: list[Any]) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
