"""What switching a version on would change at a site, by a dry run on the data as they are; writes no page.

Every page that the amendment touches is brought to the new version in memory: what it would ask, which
queries would open, what is confirmed or locked on it. Every subject's endpoints are derived twice, with the
version in force and with the new one. Only job workers run this (it loads pandas).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audit import clock
from outcomes.recomputation import study_thresholds
from protocol.version import place
from subjects.models import Subject
from visits import dossier as dossiers
from visits.amendments import Change, changes_of
from visits.capture import asking
from visits.checks import CHECKS, Reading, StoredFacts
from visits.checks.running import Firing, run
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.review import guard
from visits.review.guard import Act

Told = Callable[[int, int], None]
CHUNK = 100


@dataclass(slots=True)
class Count:
    """What one change touches."""

    subjects: set[uuid.UUID] = field(default_factory=set)
    pages: int = 0
    values: int = 0
    queries: int = 0
    confirmed: int = 0
    locked: int = 0

    def as_json(self, change: Change) -> dict[str, Any]:
        """Return the counts beside the change in words."""
        return {
            "kind": change.kind,
            "en": change.said.en,
            "zh": change.said.zh,
            "subjects": len(self.subjects),
            "pages": self.pages,
            "values": self.values,
            "queries": self.queries,
            "confirmed": self.confirmed,
            "locked": self.locked,
        }


@dataclass(slots=True)
class _Run:
    """The dry run while it goes on."""

    version: str
    changes: tuple[Change, ...]
    counts: dict[str, Count]
    pages: int = 0
    open_items: int = 0
    queries: int = 0
    locked: list[dict[str, str]] = field(default_factory=list)

    def is_locked(self, dossier: Dossier, page: PageRecord) -> bool:
        """Whether a lock or a freeze of any level covers a page."""
        return not guard.of(dossier).may(Act.CHANGE, page=page.id)


def dry_run(*, site: str, now: str, version: str, told: Told | None = None) -> dict[str, Any]:
    """Return what a version would change at a site that works by the version `now`.

    `told(done, total)` hears of every subject.
    """
    changes = changes_of(version)
    subjects = list(Subject.objects.filter(site_id=site).select_related("site").order_by("seq"))
    state = _Run(
        version,
        changes,
        {change.key: Count() for change in changes},
    )
    for number, subject in enumerate(subjects, start=1):
        _subject(state, dossiers.load(subject))
        if told is not None:
            told(number, len(subjects))
    endpoints = _endpoints(subjects, now=now, version=version)
    return {
        "site": site,
        "version": version,
        "now": now,
        "subjects": len(subjects),
        "pages": state.pages,
        "open_items": state.open_items,
        "queries": state.queries,
        "changes": [state.counts[change.key].as_json(change) for change in changes],
        "locked": state.locked,
        "endpoints": endpoints,
    }


def _subject(state: _Run, dossier: Dossier) -> None:
    """Count what one subject's pages would become."""
    touched = [page for page in dossier.standing() if _touches(state, page)]
    if not touched:
        return
    later = {page.id: replace(page, form_version=state.version) for page in touched}
    after = replace(dossier, pages=[later.get(page.id, page) for page in dossier.pages])
    held = {firing.key for firing in _holding(dossier, touched)}
    fresh = [firing for firing in _holding(after, later.values()) if firing.key not in held]
    for page in touched:
        state.pages += 1
        new = asking.unanswered(after, later[page.id], FORMS[page.form])
        state.open_items += max(len(new) - page.unanswered, 0)
        if state.is_locked(dossier, page):
            here = page.title
            state.locked.append(
                {"subject": dossier.subject.usubjid, "visit": page.visit or "", "en": here.en, "zh": here.zh}
            )
        _count(state, after, page, later[page.id], [one for one in fresh if one.finding.page.id == page.id])
    state.queries += len(fresh)


def _touches(state: _Run, page: PageRecord) -> bool:
    """Whether any change is about this page, and the page is not of the new version already."""
    if place(page.form_version) >= place(state.version):
        return False
    return any(
        page.visit_code == change.visit if change.kind == "window" else page.form == change.form
        for change in state.changes
    )


def _holding(dossier: Dossier, pages: Iterable[PageRecord]) -> list[Firing]:
    reading = Reading(dossier, StoredFacts(dossier.subject), clock.now())
    pages = list(pages)
    wanted = {page.id for page in pages}
    prefixes = tuple({f"{page.form.lower()}." for page in pages})
    checks = [one for one in CHECKS.values() if any(name.startswith(prefixes) for name in one.reads)]
    found = run(reading, checks, pages=pages).firing
    return [firing for firing in found if firing.finding.page.id in wanted]


def _count(state: _Run, after: Dossier, page: PageRecord, later: PageRecord, fresh: Sequence[Firing]) -> None:
    known = asking.answers(after, page.visit_code, page.values, page.ordinal, version=state.version)
    shown = asking.asked(FORMS[page.form], known)
    items = {change.item for change in state.changes if change.form == page.form}
    for change in state.changes:
        if not _concerns(change, page, shown):
            continue
        count = state.counts[change.key]
        count.pages += 1
        count.subjects.add(after.subject.pk)
        count.values += int(bool(change.item) and page.values.get(change.item) is not None)
        count.confirmed += int(bool(page.get("elig_confirmed_by")))
        count.locked += int(state.is_locked(after, page))
        if change.kind == "window":
            count.queries += sum(1 for one in fresh if not items.intersection(one.finding.items))
        else:
            count.queries += sum(1 for one in fresh if change.item in one.finding.items)


def _concerns(change: Change, page: PageRecord, shown: Iterable[str]) -> bool:
    """Whether a change is seen on a page: what comes where it is asked, what goes where it was answered."""
    if change.kind == "window":
        return page.visit_code == change.visit
    if page.form != change.form:
        return False
    stands = page.values.get(change.item)
    if change.kind == "retired":
        return stands is not None
    if change.kind == "term-retired":
        return change.code in (stands if isinstance(stands, list) else [stands])
    return change.item in shown


def _endpoints(subjects: Sequence[Subject], *, now: str, version: str) -> list[dict[str, str]]:
    """Return every result that differs between the two versions, subject by subject."""
    from outcomes.assembly import FORMS as READ
    from outcomes.assembly import subjects_of
    from outcomes.derivation import derive
    from outcomes.frames import read_frames

    limits = study_thresholds()
    found: list[dict[str, str]] = []
    for first in range(0, len(subjects), CHUNK):
        frames = read_frames([one.pk for one in subjects[first : first + CHUNK]], forms=READ)
        for records in subjects_of(frames, limits=limits):
            was = _answers(derive(records, limits=limits, version=now))
            will = _answers(derive(records, limits=limits, version=version))
            found += [
                {"subject": records.usubjid, "paramcd": code, "before": value, "after": will[code]}
                for code, value in was.items()
                if will[code] != value
            ]
    return found


def _answers(derived: Any) -> dict[str, str]:
    """Return all results of a subject as text, by parameter."""
    found = {code: f"{one.aval}/{one.cnsr}" for code, one in derived.outcomes.items()}
    found.update({code: str(value) for code, value in derived.values.items()})
    return found
