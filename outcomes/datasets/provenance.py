"""Where a snapshot comes from: code, protocol, codelists, configuration, transaction, heads of the chains."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from outcomes.datasets.files import BuiltFile, csv_of_rows
from outcomes.datasets.forms import Scope
from protocol.words import T
from sites.models import Site, Study
from visits.models import Lock

UNKNOWN = "unknown"
CHAINS = T("Heads of the trail's chains", "稽查轨迹链头")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a rebuild takes over from the first build, since it cannot be known again."""

    code: str
    configuration: dict[str, Any]
    transaction: str
    heads: tuple[tuple[str, int], ...]


def provenance(lock: Lock, *, using: str) -> Provenance:
    """Read where we stand; inside the snapshot's transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        transaction = cursor.fetchone()[0]
        chain = f"subject:{lock.subject_id}" if lock.subject_id else None
        cursor.execute(
            'SELECT chain, n FROM audit_head WHERE %s::text IS NULL OR chain = %s ORDER BY chain COLLATE "C"',
            [chain, chain],
        )
        heads = tuple(cursor.fetchall())
    return Provenance(code_version(), configuration(using=using), transaction, heads)


def configuration(*, using: str = "default") -> dict[str, Any]:
    """Return what the endpoints are configured with, and the cities that ADSL names."""
    config = Study.objects.using(using).values_list("config", flat=True).first() or {}
    cities = dict(Site.objects.using(using).order_by("code").values_list("code", "city_en"))
    return {**config, "cities": cities}


def chains_file(heads: Sequence[tuple[str, int]], *, stem: str, using: str) -> BuiltFile:
    """Return the heads with the hashes that the trail holds at their places, now as at any later time."""
    chains, numbers = [chain for chain, _n in heads], [n for _chain, n in heads]
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT e.chain, e.n, encode(e.hash, 'hex') FROM audit_entry e"
            " JOIN unnest(%s::text[], %s::bigint[]) AS h (chain, n) ON (h.chain, h.n) = (e.chain, e.n)"
            ' ORDER BY e.chain COLLATE "C"',
            [chains, numbers],
        )
        rows = cursor.fetchall()
    return csv_of_rows(f"{stem}_chains.csv", CHAINS, ("chain", "n", "hash"), rows)


def code_version() -> str:
    """Return the commit of the running code: GIT_SHA, else what git says, else "unknown"."""
    stated = os.environ.get("GIT_SHA", "").strip()
    if stated:
        return stated
    folder = Path(__file__).resolve().parent.parent.parent
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty=+changed", "--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return said.stdout.strip() or UNKNOWN


def subjects_in(scope: Scope, *, using: str) -> list[tuple[Any, str]]:
    """Return id and number of the subjects that a lock covers, by number; voided ones count nowhere."""
    wanted = " AND id = %s" if scope.subject is not None else " AND site_id = %s" if scope.site else ""
    given = [one for one in (scope.subject or scope.site,) if one]
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT id, usubjid FROM subjects_subject WHERE voided_at IS NULL{wanted}"  # noqa: S608
            ' ORDER BY usubjid COLLATE "C"',
            given,
        )
        return cursor.fetchall()
