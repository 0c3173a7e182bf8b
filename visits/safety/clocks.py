"""Every serious event with its clocks, for lists and home pages: one statement, however many there are."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connections

from audit import clock
from audit.actors import Actor
from protocol.safety import Clock, State, clocks_of, most_pressing
from sites.access import require, visible_sites
from sites.roles import Action
from visits.crfs import FORMS
from visits.safety.records import SaeReport

READ = ("ae_term", "ae_start", "ae_outcome", "ae_serious", "ae_sae_crit", "ae_rel_device")
TIMES = ("ae_aware_dt", "ae_report_dt")

# Pages that another site now holds stand where their subject's rows stand; removed events have no clock.
_STATEMENT = f"""
    SELECT p.id, p.subject_id, s.usubjid, p.site_id, p.ordinal, p.revision, to_jsonb(x),
           r.reports
    FROM crf_ae a
    JOIN visits_page p ON p.id = a.page_id AND NOT p.removed AND NOT p.not_done
    JOIN subjects_subject s ON s.id = p.subject_id AND s.voided_at IS NULL
    CROSS JOIN LATERAL (SELECT {", ".join(f"a.{name}" for name in (*READ, *TIMES))}) x
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(n.kind, n.number, n.at, n.revision) ORDER BY n.number) AS reports
        FROM visits_saereport n WHERE n.page_id = p.id) r ON true
    WHERE a.ae_serious = 'Y' AND (%(everywhere)s OR p.site_id = ANY(%(sites)s))
      AND (%(subject)s::uuid IS NULL OR p.subject_id = %(subject)s::uuid)
    ORDER BY s.usubjid, p.ordinal"""  # noqa: S608 names of our own items


@dataclass(frozen=True, slots=True)
class Version:
    """One report of an event, as lists name it."""

    kind: str
    number: int
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class SaeRow:
    """One serious event of a list, with its clocks and the versions of its report."""

    page_id: uuid.UUID
    subject_id: uuid.UUID
    usubjid: str
    site: str
    ordinal: int
    revision: int
    values: dict[str, Any]
    clocks: tuple[Clock, ...]
    versions: tuple[Version, ...]

    @property
    def pressing(self) -> Clock | None:
        """The clock that needs somebody first."""
        return most_pressing(self.clocks)

    @property
    def last(self) -> Version | None:
        """The site's last report."""
        return next((one for one in reversed(self.versions) if one.kind != SaeReport.Kind.AUTHORITY), None)

    @property
    def is_changed(self) -> bool:
        """Whether the page was written after the site's last report."""
        return self.last is not None and self.revision > self.last.revision

    @property
    def is_reported_out(self) -> bool:
        """Whether the final report stands."""
        return self.last is not None and self.last.kind == SaeReport.Kind.FINAL and not self.is_changed

    @property
    def is_open(self) -> bool:
        """Whether a clock still needs somebody."""
        return self.pressing is not None

    @property
    def is_overdue(self) -> bool:
        """Whether a clock has run out."""
        return any(one.state is State.OVERDUE for one in self.clocks)

    @property
    def is_late(self) -> bool:
        """Whether somebody was told after the time, and nobody has to be told any more who was not."""
        return not self.is_overdue and any(one.state is State.LATE for one in self.clocks)


def sae_clocks(*, by: Actor, subject: uuid.UUID | None = None) -> list[SaeRow]:
    """Return the serious events that this person may see, the most pressing first, in one statement.

    Raises PermissionDenied for roles without SAFETY_READ.
    """
    require(by, Action.SAFETY_READ)
    sites = visible_sites(by, Action.SAFETY_READ)
    wanted: dict[str, Any] = {"everywhere": sites is None, "sites": sorted(sites or ()), "subject": subject}
    with connections["default"].cursor() as cursor:
        cursor.execute(_STATEMENT, wanted)
        found = [_row(row, clock.now()) for row in cursor.fetchall()]
    return in_order(found)


def in_order(rows: Iterable[SaeRow]) -> list[SaeRow]:
    """Return events with the most pressing first: overdue, undetermined, running; settled ones last."""
    order = {State.OVERDUE: 0, State.UNDETERMINED: 1, State.RUNNING: 2, State.NOT_STARTED: 3}

    def place(row: SaeRow) -> tuple[int, float, str, int]:
        one = row.pressing
        if one is None:
            return 9, 0.0, row.usubjid, row.ordinal
        left = one.left.total_seconds() if one.left is not None else 0.0
        return order[one.state], left, row.usubjid, row.ordinal

    return sorted(rows, key=place)


def _row(row: tuple[Any, ...], now: datetime) -> SaeRow:
    items = FORMS["AE"].items()
    stored = row[6] if isinstance(row[6], dict) else json.loads(row[6], parse_float=Decimal)
    values = {name: items[name].from_json(value) for name, value in stored.items() if value is not None}
    reports = row[7] if isinstance(row[7], list) else json.loads(row[7] or "[]")
    versions = tuple(
        Version(kind, number, datetime.fromisoformat(at), revision) for kind, number, at, revision in reports
    )
    told = min((one.at for one in versions if one.kind == SaeReport.Kind.AUTHORITY), default=None)
    return SaeRow(
        page_id=row[0],
        subject_id=row[1],
        usubjid=row[2],
        site=row[3],
        ordinal=row[4],
        revision=row[5],
        values=values,
        clocks=clocks_of(values, now=now, authority_told=told),
        versions=versions,
    )
