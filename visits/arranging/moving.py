"""Putting a page where it belongs, when it was entered for the wrong subject or visit.

The page itself goes: its values, its queries and notes and its history. One update of the page's row moves
all that hangs on it, since every foreign key to it follows (subjects/sql); the trail tells it in the chains
of both subjects, since a row that changes its subject is told in both (audit/sql). What others refer to
cannot go before they have let go.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import DatabaseError

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting, record_event, take_chains
from protocol.words import Bilingual, T
from sites.access import require
from sites.gates import require_ready
from sites.roles import Action
from subjects.models import Subject
from visits import consent_gate
from visits import dossier as dossiers
from visits.arranging.notes import keep_note
from visits.capture import write
from visits.capture.confirm import CONFIRMED_BY
from visits.capture.entry import Locked
from visits.crfs import FORMS
from visits.dossier import LOG, Dossier, PageRecord
from visits.items import RefItem
from visits.links import BY_NAME, BY_PAGE, points_at
from visits.models import Page, Query, Visit
from visits.pages import neighbours
from visits.review import locking
from visits.review.rechecking import recheck
from visits.review.sdv.verifying import void_page

UNMOVABLE: dict[str, Bilingual] = {
    "IC": T(
        "The consent page makes the subject and cannot be moved: void a subject created in error.",
        "知情同意页建立受试者，不能移动；误建的受试者请作废。",
    ),
    "CEC": T("A decision belongs to its event and cannot be moved.", "裁定属于其事件，不能移动。"),
    "DV": T(
        "A deviation cannot be moved: remove it here and enter it there.",
        "方案偏离不能移动：请在此处移除，并在正确处录入。",
    ),
}
REMOVED = T("A removed record cannot be moved.", "已移除的记录不能移动。")
SAME_PLACE = T("It stands there already.", "页面已在该处。")
OTHER_SITE = T(
    "The other subject belongs to another site: a page moves within one site.",
    "目标受试者属于其他中心，页面只能在同一中心内移动。",
)
WRONG_VISIT = T("This form does not belong to that visit.", "该访视没有此表单。")
TAKEN = T("That place is taken: the form has been entered there already.", "目标位置已有数据：该表单已录入。")
REFERRED = T("Other pages refer to it; change these first:", "其他页面引用了此页，请先修改：")
POINTS = T(
    "It refers to what the other subject does not have; empty this first:",
    "此页引用了目标受试者没有的记录，请先清空：",
)


class CannotMove(Exception):
    """The page cannot go there; `why` says all the reasons."""

    def __init__(self, why: list[Refusal]) -> None:
        super().__init__("; ".join(one.message.en for one in why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a page cannot go there, and the pages that it is about."""

    message: Bilingual
    pages: tuple[PageRecord, ...] = ()


@dataclass(slots=True)
class Plan:
    """What a move would do, shown before it is done."""

    record: PageRecord
    source: Dossier
    target: Dossier
    visit: str | None
    ordinal: int
    queries: int
    points_at: list[str]
    refusals: list[Refusal]

    @property
    def items(self) -> int:
        """How many answers go along."""
        return len(self.record.values) + len(self.record.missing)

    @property
    def between_subjects(self) -> bool:
        """Whether the page leaves its subject."""
        return self.source.subject.pk != self.target.subject.pk

    @property
    def confirmation_lapses(self) -> bool:
        """Whether an investigator's confirmation of eligibility goes with the move."""
        return CONFIRMED_BY in self.record.values


def plan_move(*, page: Page, to_subject: Subject, to_visit: str | None, by: Actor) -> Plan:
    """Say what a move would do and what forbids it; writes nothing. Raises PermissionDenied."""
    require(by, Action.PAGE_MOVE, page.site_id)
    source = dossiers.load(page.subject)
    target = source if to_subject.pk == page.subject_id else dossiers.load(to_subject)
    record = source.page(page.pk)
    if record is None:
        raise LookupError(f"page {page.pk} is not in its subject's dossier")
    plan = Plan(
        record=record,
        source=source,
        target=target,
        visit=to_visit,
        ordinal=_ordinal(record, source, target),
        queries=Query.objects.filter(page=page, state__in=("CANDIDATE", "OPEN", "ANSWERED")).count(),
        points_at=[],
        refusals=[],
    )
    plan.refusals = list(_refusals(plan))
    return plan


def _ordinal(record: PageRecord, source: Dossier, target: Dossier) -> int:
    """Return the number that the row has there: its own within a subject, else the next one."""
    if target is source or not FORMS[record.form].repeating:
        return record.ordinal
    return 1 + max((page.ordinal for page in target.pages if page.form == record.form), default=0)


def _refusals(plan: Plan) -> Iterator[Refusal]:
    record, source, target = plan.record, plan.source.subject, plan.target.subject
    if record.form in UNMOVABLE:
        yield Refusal(UNMOVABLE[record.form])
    if record.removed:
        yield Refusal(REMOVED)
    if target.site_id != source.site_id or target.voided_at is not None:
        yield Refusal(OTHER_SITE)
        return
    if target.pk == source.pk and plan.visit == record.visit:
        yield Refusal(SAME_PLACE)
    elif not neighbours.is_page(plan.visit or LOG, record.form):
        yield Refusal(WRONG_VISIT)
    elif not FORMS[record.form].repeating and plan.target.at(plan.visit, record.form):
        yield Refusal(TAKEN)
    shut = consent_gate.shut(plan.target, plan.visit, record.form)
    if shut is not None:
        yield Refusal(shut.why)
    elif consent_gate.collected_after(plan.target, record.form, record.values):
        yield Refusal(consent_gate.COLLECTED_AFTER)
    if target.pk != source.pk:
        yield from _references(plan)


def _references(plan: Plan) -> Iterator[Refusal]:
    """Yield what ties the page to its subject: the pages that point at it, those that it points at."""
    record, source, target = plan.record, plan.source, plan.target
    pointing = tuple(page for page in source.pages if page.id != record.id and points_at(page, record))
    if pointing:
        yield Refusal(REFERRED, pointing)
    names = {page.identity for page in target.standing()}
    lost = []
    for name, item in FORMS[record.form].items().items():
        value = record.values.get(name)
        if value is None or not isinstance(item, RefItem):
            continue
        if item.target.startswith(BY_PAGE):
            lost += [page for page in source.pages if str(page.id) == value]
        elif item.target in BY_NAME:
            plan.points_at.append(str(value))
            if value not in names:
                lost += [page for page in source.standing() if page.identity == value]
    if lost:
        yield Refusal(POINTS, tuple(lost))


def move_page(*, page: Page, to_subject: Subject, to_visit: str | None, by: Actor, reason: str) -> Plan:
    """Move a page with all that hangs on it to another subject or visit of its site; returns what was done.

    Checks run anew on both subjects, and both are computed anew. Raises PermissionDenied, ValueError without
    a reason, CannotMove, Locked.
    """
    said = reason.strip()
    if not said:
        raise ValueError("a move needs a reason")
    require_ready(by, Action.PAGE_MOVE, page.site_id)
    concerned = sorted({page.subject_id, to_subject.pk}, key=str)
    try:
        with acting(by=by, reason=Reason("OTHER", said)):
            take_chains(subjects=concerned)
            subjects = _taken(concerned)
            standing = Page.objects.select_related("subject", "visit").get(pk=page.pk)
            if standing.subject_id not in subjects:
                raise Page.DoesNotExist
            plan = plan_move(page=standing, to_subject=subjects[to_subject.pk], to_visit=to_visit, by=by)
            if plan.refusals:
                raise CannotMove(plan.refusals)
            _carry_out(plan, by=by, reason=said)
            for subject in subjects.values():
                recheck(subject, by=by)
                jobs.enqueue("recompute_subject", by=by, args={"subject": str(subject.pk)})
    except DatabaseError as error:
        if locking.refused_by_lock(error):
            raise Locked(str(page.pk)) from error
        raise
    return plan


def _taken(subjects: list[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    """Take the rows of the subjects, always in one order, so that two moves never wait for each other."""
    return {
        pk: Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=pk)
        for pk in subjects
    }


def _carry_out(plan: Plan, *, by: Actor, reason: str) -> None:
    record, source, target = plan.record, plan.source.subject, plan.target.subject
    old_place = place(source, record.visit, record)
    moved = replace(record, visit=plan.visit, visit_code=_code(plan.visit), ordinal=plan.ordinal)
    visits = write.visits_for(target, plan.target, [moved])
    Page.objects.filter(pk=record.id).update(
        subject_id=target.pk,
        visit_id=visits[plan.visit],
        ordinal=plan.ordinal,
        revision=record.revision + 1,
    )
    moved.revision += 1
    if record.verified:
        void_page(record.id, by=by)
    if plan.confirmation_lapses:
        moved.values = {name: value for name, value in record.values.items() if name != CONFIRMED_BY}
        write.update(target, moved, items=[CONFIRMED_BY])
    new_place = place(target, plan.visit, moved)
    page = Page.objects.get(pk=record.id)
    keep_note(
        page=page, item="", text=f"Moved here from {old_place}. 由 {old_place} 移至此处。{reason}", by=by
    )
    if plan.between_subjects and FORMS[record.form].repeating:
        _leave_number(plan, to=new_place, by=by)
    detail = {"page": str(record.id), "form": record.form, "from": old_place, "to": new_place}
    if record.visit_id is not None and not Page.objects.filter(visit_id=record.visit_id).exists():
        Visit.objects.filter(pk=record.visit_id).delete()  # a visit exists where a page of it was entered
    for subject in sorted({source.pk, target.pk}, key=str):
        record_event("page_moved", by=by, detail=detail, subject=subject)


def _leave_number(plan: Plan, *, to: str, by: Actor) -> None:
    """Leave an empty removed row where a row has gone, so that its number is never used again (§3.5)."""
    empty = replace(
        plan.record,
        id=uuid.uuid4(),
        revision=1,
        removed=True,
        not_done=False,
        not_done_reason="",
        unanswered=0,
        contradicted=0,
        entered_at=clock.now(),
        values={},
        missing={},
        raw={},
        notes=[],
    )
    write.insert(plan.source.subject, [empty])
    left = Page.objects.get(pk=empty.id)
    keep_note(page=left, item="", text=f"Moved to {to}. 已移至 {to}。", by=by)


def place(subject: Subject, visit: str | None, record: PageRecord) -> str:
    """Return in words where a page stands: DEFIER-07-012-2 M12 AE3."""
    name = record.identity if FORMS[record.form].repeating else record.form
    return " ".join(part for part in (subject.usubjid, visit, name) if part)


def _code(visit: str | None) -> str | None:
    return "UNS" if visit is not None and visit.startswith("UNS") else visit
