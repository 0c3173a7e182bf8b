"""Queries: one transition table, one function that moves a query, and what checks do with them.

CANDIDATE -> OPEN -> ANSWERED -> CLOSED (+ CANCELLED, reopen). A step is written for every transition, so
that ageing is a query over steps. Only a monitor or a data manager closes (EDQ-07).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol.words import Bilingual
from sites.access import require, visible_sites
from sites.gates import require_ready
from sites.roles import Action
from subjects.models import Subject
from visits.checks.check import CHECKS, DATA_MANAGER
from visits.checks.running import Firing, Outcome
from visits.crfs import FORMS
from visits.dossier import Asked
from visits.models import Page, Query, QueryStep
from visits.review import guard
from visits.review.guard import Act, Guard

State = Query.State
STANDING = (State.CANDIDATE, State.OPEN, State.ANSWERED)


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted transition: from which states, to which, and the action that entitles to it."""

    before: frozenset[str]
    after: str
    action: Action


MOVES: dict[str, Move] = {
    "answer": Move(frozenset({State.OPEN}), State.ANSWERED, Action.QUERY_ANSWER),
    "close": Move(frozenset({State.OPEN, State.ANSWERED}), State.CLOSED, Action.QUERY_CLOSE),
    "ask_again": Move(frozenset({State.ANSWERED, State.CLOSED}), State.OPEN, Action.QUERY_RAISE),
    "cancel": Move(frozenset({State.CANDIDATE, State.OPEN}), State.CANCELLED, Action.QUERY_CLOSE),
    "release": Move(frozenset({State.CANDIDATE}), State.OPEN, Action.QUERY_CLOSE),
}

# What no person does: a check that holds no longer, or a place that is no longer asked about, closes a query.
# A place that is asked about again takes it back to where it stood.
BY_THE_SYSTEM: dict[str, tuple[tuple[str, ...], str]] = {
    "auto": (STANDING, State.CLOSED),
    "obsolete": (STANDING, State.CLOSED),
}

CLOSE_REASONS: dict[str, Bilingual] = {
    "corrected": Bilingual("Corrected", "已更正"),
    "confirmed": Bilingual("Value confirmed", "数值已确认"),
    "not_available": Bilingual("Not available", "无法获得"),
    "obsolete": Bilingual("No longer applies", "不再适用"),
    "auto": Bilingual("Closed by the check: the data now agree", "数据已符合，系统自动关闭"),
}

AUTO = "auto"
"""How checks close their own queries; nobody says it for them."""
ANSWERS: dict[str, Bilingual] = {
    "corrected": Bilingual("Corrected on the page.", "已在页面上更正。"),
    "confirmed": Bilingual("The value is right as entered.", "数值录入无误。"),
    "not_available": Bilingual("Not available in the source.", "源文件中无此数据。"),
}


class NotPossible(Exception):
    """The query is not in a state from which this move exists."""


def raise_query(*, page: Page, items: Sequence[str], text: str, by: Actor) -> Query:
    """Ask the site about items of a page (none: about the whole page).

    Raises PermissionDenied for roles that may not ask, ValueError for an empty question, Locked.
    """
    require_ready(by, Action.QUERY_RAISE, page.site_id)
    if not text.strip():
        raise ValueError("a query needs a question")
    if not set(items) <= set(FORMS[page.form].questions()):
        raise ValueError("a query is about items of its page")
    guard.refuse(Act.QUERY, subject=page.subject_id, page=page.pk, items=items)
    with acting(by=by):
        query = Query.objects.create(
            site_id=page.site_id,
            subject_id=page.subject_id,
            page=page,
            items=list(items),
            origin=Query.Origin.MANUAL,
            state=State.OPEN,
            message_en=text.strip(),
            opened_at=clock.now(),
        )
        _step(query, before="", text="", reason="", by=by)
    return query


def move_query(*, query: Query, move: str, by: Actor, text: str = "", reason: str = "") -> Query:
    """Take a query one step along MOVES, with what was said.

    Raises PermissionDenied where the role may not, NotPossible where the state has changed meanwhile,
    ValueError for an unknown close reason or an empty answer, Locked.
    """
    step = MOVES[move]
    require_ready(by, step.action, query.site_id)
    if move == "close" and (reason not in CLOSE_REASONS or reason == AUTO):
        raise ValueError(f"unknown close reason {reason!r}")
    if move in ("answer", "ask_again") and not text.strip():
        raise ValueError("an answer needs words")
    guard.refuse(Act.QUERY, subject=query.subject_id, page=query.page_id, items=query.items)
    with acting(by=by):
        current = Query.objects.select_for_update().get(pk=query.pk)
        if current.state not in step.before or (move == "release" and not may_be_released(current)):
            raise NotPossible(current.state)
        before, current.state = current.state, step.after
        current.close_reason = reason if step.after == State.CLOSED else ""
        current.save(update_fields=["state", "close_reason"])
        _step(current, before=before, text=text.strip(), reason=reason, by=by)
    return current


def may_be_released(query: Query) -> bool:
    """Say whether a candidate may be shown to the site: not where it would tell what a site must not know."""
    check = CHECKS.get(query.check_id)
    return check is None or check.to != DATA_MANAGER


def queries_visible(*, by: Actor) -> QuerySet[Query]:
    """Return the queries that this person may read; a site never sees candidates (design §3.9).

    Those of voided subjects are in no list.
    """
    require(by, Action.QUERY_READ)
    found = Query.objects.filter(subject__voided_at=None)
    sites = visible_sites(by, Action.QUERY_READ)
    if sites is not None:
        found = found.filter(site_id__in=sites).exclude(state=State.CANDIDATE)
    return found


def settle_checks(
    *,
    subject: Subject,
    outcome: Outcome,
    by: Actor,
    asked: list[Asked] | None = None,
    candidates: bool = False,
    standing: Guard | None = None,
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Open a query for each check that newly holds, on whichever page, and close those that hold no longer.

    `asked`: the subject's automatic queries where they have been read (visits.dossier), kept true here for
    a further save in the same transaction. `candidates` opens new ones for the data manager to look at first;
    so do checks whose result a site must not see (protocol §4). What a person closed as confirmed, or the
    data manager called off, stays silent until a value that the check reads has changed. Locked pages keep
    their queries; `standing`: the subject's guard where it has been read. Returns (opened, closed).
    """
    holding = {firing.key: firing for firing in outcome.firing}
    closed, silent = [], set()
    for query in _asked(subject) if asked is None else asked:
        key = (query.page_id, query.check_id, query.about)
        if not _concerns(outcome, query):
            continue
        if query.state in STANDING:
            silent.add(key)
            if key not in holding:
                closed.append(query)
        elif _settled(query) and _same_values(holding.get(key), query):
            silent.add(key)
    opened = [_automatic(subject, f, candidates) for key, f in holding.items() if key not in silent]
    if opened or closed:
        opened, closed = _not_locked(opened, closed, standing or guard.over(subject.pk))
    if not (opened or closed):
        return [], []
    system = Actor.system("edit checks", on_behalf_of=by.user_id or by.name)
    with acting(by=system):
        _write(subject, opened, closed, by=system)
    if asked is not None:
        gone = {query.id for query in closed}
        asked[:] = [query for query in asked if query.id not in gone] + [_known(query) for query in opened]
    return [query.pk for query in opened], [query.id for query in closed]


def _not_locked(opened: list[Query], closed: list[Asked], standing: Guard) -> tuple[list[Query], list[Asked]]:
    if standing.is_idle:
        return opened, closed
    found = Query.objects.filter(pk__in=[query.id for query in closed]).values_list("pk", "items")
    items = dict(found)
    return (
        [query for query in opened if standing.may_all(Act.QUERY, query.items, page=query.page_id)],
        [query for query in closed if standing.may_all(Act.QUERY, items[query.id], page=query.page_id)],
    )


def _known(query: Query) -> Asked:
    return Asked(query.pk, query.page_id, query.check_id, query.about, query.state, "", query.values_digest)


def _asked(subject: Subject) -> list[Asked]:
    """Return the subject's automatic queries, but those that closed themselves."""
    found = Query.objects.filter(subject=subject, origin=Query.Origin.AUTO)
    told = ("id", "page_id", "check_id", "about", "state", "close_reason", "values_digest")
    found = found.exclude(state=State.CLOSED, close_reason="auto")
    return [Asked(*row) for row in found.values_list(*told)]


def _concerns(outcome: Outcome, query: Asked) -> bool:
    """Say whether a run decides about a query: of a check that ran, or of a page whose own checks did."""
    if query.check_id in CHECKS:
        return query.check_id in outcome.ran
    return query.page_id in outcome.pages


def _settled(query: Asked) -> bool:
    """Say whether a person has decided that the values stand as they are."""
    return query.close_reason == "confirmed" or query.state == State.CANCELLED


def _same_values(firing: Firing | None, query: Asked) -> bool:
    return firing is not None and firing.finding.digest == query.digest


def _automatic(subject: Subject, firing: Firing, candidates: bool) -> Query:
    finding = firing.finding
    hidden = candidates or firing.to == DATA_MANAGER
    return Query(
        site_id=subject.site_id,
        subject_id=subject.pk,
        page_id=finding.page.id,
        items=list(finding.items),
        origin=Query.Origin.AUTO,
        check_id=firing.check_id,
        state=State.CANDIDATE if hidden else State.OPEN,
        message_en=firing.message.en,
        message_zh=firing.message.zh,
        about=finding.about,
        read=firing.shown,
        values_digest=finding.digest,
        opened_at=clock.now(),
    )


def _write(subject: Subject, opened: list[Query], closed: list[Asked], *, by: Actor) -> None:
    """Store what a run of checks opens and closes; the steps of both in one statement."""
    steps = [_new_step(query, before="", text="", reason="", by=by) for query in opened]
    steps += [
        _new_step(
            Query(id=query.id, site_id=subject.site_id, subject_id=subject.pk),
            before=query.state,
            after=State.CLOSED,
            text="",
            reason="auto",
            by=by,
        )
        for query in closed
    ]
    Query.objects.bulk_create(opened)
    if closed:
        ids = [query.id for query in closed]
        Query.objects.filter(pk__in=ids).update(state=State.CLOSED, close_reason="auto")
    QueryStep.objects.bulk_create(steps)


def close_obsolete(queries: Sequence[Query], *, by: Actor) -> None:
    """Close queries of what no longer counts, whatever state they are in; inside acting()."""
    Query.objects.filter(pk__in=[query.pk for query in queries]).update(
        state=State.CLOSED, close_reason="obsolete"
    )
    QueryStep.objects.bulk_create(
        _new_step(query, before=query.state, after=State.CLOSED, text="", reason="obsolete", by=by)
        for query in queries
    )


def reopen_obsolete(queries: Sequence[Query], *, by: Actor) -> None:
    """Take queries back to the state in which close_obsolete found them; inside acting()."""
    for query in queries:
        last = query.steps.order_by("-at", "-id").first()
        if last is None or last.reason != "obsolete":
            continue
        query.state, query.close_reason = last.from_state, ""
        query.save(update_fields=["state", "close_reason"])
        _step(query, before=State.CLOSED, text="", reason="", by=by)


def _step(query: Query, *, before: str, text: str, reason: str, by: Actor) -> None:
    _new_step(query, before=before, text=text, reason=reason, by=by).save(force_insert=True)


def _new_step(
    query: Query, *, before: str, text: str, reason: str, by: Actor, after: str | None = None
) -> QueryStep:
    return QueryStep(
        id=uuid.uuid4(),
        site_id=query.site_id,
        subject_id=query.subject_id,
        query_id=query.pk,
        from_state=before,
        to_state=after or query.state,
        text=text,
        reason=reason,
        by_id=by.user_id or "",
        by_name=by.name,
        by_role=by.role,
        at=clock.now(),
    )
