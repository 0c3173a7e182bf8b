"""Endpoint data at risk: which datum is missing for which endpoints, and how long it can still be had.

The hints come from the stored explanations; one datum is one line, however many endpoints wait for it. Ranked
by the time left, then by what waits: the primary endpoint first, then the number of endpoints (peers.md 4.2).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from audit import clock
from outcomes.models import Result
from outcomes.sayings import Line
from outcomes.time_to_event import EVENT
from outcomes.wording import Reader, open_hints
from protocol.endpoints import BY_VISIT, ENDPOINT, PRIMARY
from protocol.words import Bilingual
from visits.overview.matrix import SubjectRow

SOON = 60


@dataclass(slots=True)
class AtRisk:
    """A datum that a contact or an item can still supply, and the endpoints that wait for it."""

    row: SubjectRow
    words: str
    left: int | None
    paramcds: list[str] = field(default_factory=list)

    @property
    def leading(self) -> str:
        """The endpoint that the line names and explains: the primary one, else the first."""
        return PRIMARY.paramcd if PRIMARY.paramcd in self.paramcds else self.paramcds[0]

    @property
    def label(self) -> Bilingual:
        """The name of that endpoint."""
        code = self.leading
        if code in ENDPOINT:
            return ENDPOINT[code].label
        label, visit = BY_VISIT[code].label, code.partition(".")[2]
        return Bilingual(f"{label.en}, {visit}", f"{label.zh},{visit}")

    @property
    def others(self) -> int:
        """How many more endpoints wait for the same datum."""
        return len(self.paramcds) - 1

    @property
    def url(self) -> str:
        """Where the result is explained."""
        return reverse("why", args=[self.row.subject.pk, self.leading])

    @property
    def rank(self) -> tuple[int, bool, int, str]:
        """The most pressing first; without a last day it can be mended at once, so before all."""
        weighty = self.leading == PRIMARY.paramcd
        return (-1 if self.left is None else self.left, not weighty, -self.others, self.row.subject.usubjid)


def at_risk(rows: Sequence[SubjectRow], language: str) -> list[AtRisk]:
    """Return what can still be saved, ranked; one statement, which reads hints and nothing else."""
    known = {row.subject.pk: row for row in rows if row.known.proc_date is not None}
    results = (
        Result.objects.filter(subject__in=list(known), explanation__hints__0__isnull=False)
        .exclude(cnsr=EVENT)
        .order_by("subject_id", "paramcd")
        .values_list("subject_id", "paramcd", "explanation__hints")
    )
    found: dict[tuple[uuid.UUID, str], AtRisk] = {}
    for subject_id, paramcd, hints in results:
        if paramcd in ENDPOINT or paramcd in BY_VISIT:
            for line in _pressing(known[subject_id], hints):
                _add(found, known[subject_id], line, paramcd, language)
    return sorted(found.values(), key=lambda risk: risk.rank)


def _pressing(row: SubjectRow, hints: list[dict]) -> list[Line]:
    """Return the hints that can be acted on now: the window is open, and not for long."""
    day = _day(row)
    lines = open_hints({"hints": hints}, day_today=day)
    return [
        line
        for line in lines
        if int(line.facts.get("lo") or line.facts.get("horizon") or day) <= day
        and ("until" not in line.facts or int(line.facts["until"]) - day <= SOON)
    ]


def _day(row: SubjectRow) -> int:
    assert row.known.proc_date is not None
    return (clock.today() - row.known.proc_date).days


def _add(
    found: dict[tuple[uuid.UUID, str], AtRisk], row: SubjectRow, line: Line, paramcd: str, language: str
) -> None:
    assert row.known.proc_date is not None
    words = str(Reader(language, row.known.proc_date).line(line))
    datum = words if line.say not in ("hint_contact", "hint_alive") else "contact"
    until = line.facts.get("until")
    left = None if until is None else int(until) - _day(row)
    one = found.setdefault((row.subject.pk, datum), AtRisk(row, words, left))
    if paramcd == PRIMARY.paramcd:
        one.words = words
    one.paramcds.append(paramcd)
