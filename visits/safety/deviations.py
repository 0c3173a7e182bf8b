"""Automatic deviations (protocol §3.30): made, kept true and withdrawn with the save that causes them.

A deviation is a page of the DV log like any other, written through the one write path by the system. Its
`dv_cause` names what made it, so that one cause never has two rows: where the cause is gone the row is marked
removed, where it comes back the same row is restored. What a person has written on or removed stays as that
person left it; then a query asks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from protocol.words import Bilingual, T
from subjects.models import Subject
from visits.capture.change import Change
from visits.capture.entry import PageEntry, Saved
from visits.checks import CHECKS, Reading, StoredFacts
from visits.checks.reading import Facts
from visits.checks.running import Outcome
from visits.crfs.dv import CAUSE
from visits.dossier import Dossier, PageRecord
from visits.models import Query, QueryStep
from visits.review import guard
from visits.review.guard import Act
from visits.safety.causes import ELSEWHERE, SOURCES, Cause, of_check, source_of

Store = Callable[..., Saved]
NAME = "automatic deviations"
BEGAN = Reason("SYSTEM", "The cause of this automatic deviation holds. 自动方案偏离的原因成立。")
ENDED = Reason(
    "SYSTEM", "The cause of this automatic deviation no longer holds. 自动方案偏离的原因已不成立。"
)
STILL_A_DEVIATION = T(
    "The cause of this automatic deviation no longer holds. Is it still a deviation? If not, remove it.",
    "该自动方案偏离的原因已不成立。是否仍属于方案偏离？如不属于，请移除。",
)


def follow(
    subject: Subject,
    dossier: Dossier,
    changes: Sequence[Change],
    outcome: Outcome,
    facts: Facts,
    *,
    by: Actor,
    store: Store,
) -> None:
    """Make and withdraw the deviations that a save causes, inside its transaction; nothing where none moves.

    `outcome`: what the checks that ran for this save have found; `facts`: what they have read elsewhere.
    """
    forms = {change.entry.form.lower() for change in changes}
    if forms <= {"dv"}:
        return
    r = Reading(dossier, facts, clock.now())
    checks = {name for name in outcome.ran if _is_deviation(name)}
    found = [
        of_check(r, firing.check_id, firing.finding) for firing in outcome.firing if firing.check_id in checks
    ]
    sources = {name: one for name, one in SOURCES.items() if one.forms & forms}
    for one in sources.values():
        found += one.finds(r)
    settle(subject, dossier, found, checks | set(sources), by=by, store=store)


def follow_anew(subject: Subject, dossier: Dossier, *, by: Actor, store: Store) -> bool:
    """Make and withdraw every deviation of a subject as it stands now; says whether any was written.

    For what moves without a save: days, approvals of consent versions, delegations, the site's dates.
    """
    r = Reading(dossier, StoredFacts(subject), clock.now())
    checks = [name for name in CHECKS if _is_deviation(name)]
    found = [of_check(r, name, finding) for name in checks for finding in CHECKS[name].finds(r)]
    for one in SOURCES.values():
        found += one.finds(r)
    return settle(subject, dossier, found, {*checks, *SOURCES}, by=by, store=store)


def _is_deviation(check_id: str) -> bool:
    check = CHECKS.get(check_id)
    return check is not None and check.deviation is not None and check_id not in ELSEWHERE


def settle(
    subject: Subject,
    dossier: Dossier,
    found: Iterable[Cause],
    ran: Collection[str],
    *,
    by: Actor,
    store: Store,
) -> bool:
    """Make the rows agree with the causes that hold, among those that `ran`; says whether any was written."""
    holding = {cause.key: cause for cause in found}
    standing = {
        page.values[CAUSE]: page
        for page in dossier.pages
        if page.form == "DV" and source_of(page.values.get(CAUSE) or "") in ran
    }
    missing = [cause for key, cause in holding.items() if key not in standing]
    differing = [
        (page, cause)
        for key, cause in holding.items()
        if (page := standing.get(key)) is not None and (page.removed or _differs(page, cause))
    ]
    ended = [page for key, page in standing.items() if key not in holding and not page.removed]
    if not (missing or differing or ended):
        return False
    system = Actor.system(NAME, on_behalf_of=by.user_id or by.name)
    touched = _touched_by_people(subject, [*(page for page, _cause in differing), *ended])
    at_hand = guard.of(dossier)
    if not at_hand.may(Act.ADD):  # frozen, or just a page of a locked subject is open
        missing = []
    concerned = [*(page.id for page, _cause in differing), *(page.id for page in ended)]
    locked = {page_id for page_id in concerned if not at_hand.may(Act.CHANGE, page=page_id)}
    left_alone = touched | locked
    begun = [_new(subject, cause) for cause in missing]
    begun += [_again(subject, page, cause) for page, cause in differing if page.id not in left_alone]
    stamps = {number: {CAUSE: cause.key} for number, cause in enumerate(missing)}
    gone = [_withdrawn(subject, page) for page in ended if page.id not in left_alone]
    _store(subject, dossier, begun, BEGAN, stamps=stamps, by=system, store=store)
    _store(subject, dossier, gone, ENDED, stamps={}, by=system, store=store)
    _ask(subject, [page for page in ended if page.id in touched - locked], by=system)
    return bool(begun or gone)


def _values(cause: Cause) -> dict[str, Any]:
    return {
        "dv_date": cause.on or clock.today(),
        "dv_cat": cause.category,
        "dv_severity": cause.severity,
        "dv_desc": cause.text,
    }


def _differs(page: PageRecord, cause: Cause) -> bool:
    """Say whether a row says something else than its cause; a cause without a day keeps the first one."""
    wanted = _values(cause)
    if cause.on is None:
        del wanted["dv_date"]
    return any(page.values.get(name) != value for name, value in wanted.items())


def _new(subject: Subject, cause: Cause) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form="DV", values=_values(cause))


def _again(subject: Subject, page: PageRecord, cause: Cause) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form="DV", page_id=page.id, values=_values(cause), removed=False)


def _withdrawn(subject: Subject, page: PageRecord) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form="DV", page_id=page.id, removed=True)


def _store(
    subject: Subject,
    dossier: Dossier,
    entries: Sequence[PageEntry],
    reason: Reason,
    *,
    stamps: Mapping[int, Mapping[str, Any]],
    by: Actor,
    store: Store,
) -> None:
    if entries:
        with acting(by=by, reason=reason):
            store(subject, entries, by=by, reason=reason, stamps=stamps, dossier=dossier, recompute=False)


def _touched_by_people(subject: Subject, pages: Sequence[PageRecord]) -> set[uuid.UUID]:
    """Return the rows on which a person wrote an answer, or which one removed or restored, by the trail.

    A row that a person removed stays removed, and one that a person restored stays.
    """
    if not pages:
        return set()
    ids = [str(page.id) for page in pages]
    written = (
        Entry.objects.filter(chain=f"subject:{subject.pk}")
        .filter(Q(table_name="crf_dv", page_id__in=ids) | Q(table_name="visits_page", row_key__in=ids))
        .exclude(actor_role="SYSTEM")
        .values_list("table_name", "page_id", "row_key", "new")
    )
    # Of the page's own row only its removal counts: a transfer, say, moves the row and judges nothing.
    return {
        uuid.UUID(key if table == "visits_page" else page)
        for table, page, key, new in written
        if table == "crf_dv" or "removed" in (new or {})
    }


def _ask(subject: Subject, pages: Iterable[PageRecord], *, by: Actor) -> None:
    """Ask, once, about rows that people have written on and whose cause is gone."""
    wanted = {page.id: page for page in pages}
    if not wanted:
        return
    asked = Query.objects.filter(page_id__in=wanted, message_en=STILL_A_DEVIATION.en)
    for page_id in set(wanted) - set(asked.values_list("page_id", flat=True)):
        with acting(by=by):
            _query(subject, wanted[page_id], STILL_A_DEVIATION, by)


def _query(subject: Subject, page: PageRecord, message: Bilingual, by: Actor) -> None:
    query = Query.objects.create(
        site_id=subject.site_id,
        subject_id=subject.pk,
        page_id=page.id,
        items=["dv_desc"],
        origin=Query.Origin.MANUAL,
        state=Query.State.OPEN,
        message_en=message.en,
        message_zh=message.zh,
        opened_at=clock.now(),
    )
    QueryStep.objects.create(
        site_id=subject.site_id,
        subject_id=subject.pk,
        query=query,
        to_state=Query.State.OPEN,
        by_id="",
        by_name=by.name,
        by_role=by.role,
        at=clock.now(),
    )
