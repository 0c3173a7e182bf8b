"""A page as one person has it open: its records, and a form for each, holding what was typed if anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from audit import clock
from protocol.eligibility import CRITERIA, Verdict
from protocol.version import FIRST
from sites.access import Request, can
from sites.roles import Action
from visits.capture import edition
from visits.capture.forms import PageForm
from visits.capture.save import action_for
from visits.capture.validation import STAMPED
from visits.crfs.criteria import eligibility_inputs
from visits.dossier import Dossier, PageRecord
from visits.pages.sheet import NEW_ROW, ONLY_ROW, Sheet, row_prefix
from visits.review import guard
from visits.review.guard import Act, Guard, State

PLAN = ("planned_cohort", "plan_reason")


def sheet_of(
    request: Request, dossier: Dossier, crf: Any, visit: str | None, *, typed: QueryDict | None = None
) -> Sheet:
    """Return a page with its forms; `typed` is what was sent, or kept as a draft."""
    records = dossier.at(visit, crf.form)
    if not can(request.actor, Action.QUERY_READ):  # what people say may give the cohort away
        for record in records:
            record.notes = []
    may_save = can(request.actor, action_for(crf.form), dossier.subject.site_id)
    standing = guard.of(dossier)
    states, editable = _states(standing, crf, records, visit)
    sheet = Sheet(
        dossier=dossier,
        crf=crf,
        visit=visit,
        records=records,
        forms=[],
        editable=may_save and editable,
        locked=may_save and not editable,
        frozen=State.FROZEN in states,
        standing=standing,
        today=clock.today(),
        verdicts=_verdicts(dossier) if crf.form == "IE" else {},
        opened=request.GET.get("record", ""),
    )
    sheet.forms = forms_of(sheet, typed)
    return sheet


def _states(
    standing: Guard, crf: Any, records: Sequence[PageRecord], visit: str | None
) -> tuple[set[State], bool]:
    """Return how the records stand, and whether anything on them, or a new one, can be entered."""
    if standing.is_idle:
        return {State.OPEN}, True
    places = {page.id: page for page in records}
    states = {standing.state(page=page_id) for page_id in places}
    if not places or crf.repeating:
        visit_id = next((page.visit_id for page in records), None)
        states.add(standing.state(visit=visit_id))
    named = {(one.page, one.item) for one in standing.opened if one.item} | standing.asked
    some = any(page in places and standing.may(Act.CHANGE, page=page, item=item) for page, item in named)
    return states, State.OPEN in states or some


def _closed(standing: Guard, crf: Any, record: PageRecord | None) -> frozenset[str]:
    """Return the items of a record that may not change."""
    if standing.is_idle or record is None:
        return frozenset()
    return frozenset(standing.refused(Act.CHANGE, crf.items(), page=record.id))


def with_typed(sheet: Sheet, typed: QueryDict) -> Sheet:
    """Return the same page with other boxes."""
    made = replace(sheet, forms=[])
    made.forms = forms_of(made, typed)
    return made


def _verdicts(dossier: Dossier) -> dict[str, Verdict]:
    known = eligibility_inputs(dossier)
    return {criterion.id: criterion.decide(known) for criterion in CRITERIA}


def forms_of(sheet: Sheet, typed: QueryDict | None) -> list[PageForm]:
    """Return a form per stored record, and one for a record that can still be added."""
    crf = sheet.crf
    stamped = STAMPED.get(crf.form, frozenset())
    only = PLAN if is_plan_step(sheet) else ()

    def made(record: PageRecord | None, prefix: str) -> PageForm:
        return PageForm(
            crf=crf,
            record=record,
            today=sheet.today,
            only=only,
            without=stamped,
            closed=_closed(sheet.standing, crf, record),
            data=typed,
            prefix=prefix,
            version=FIRST if record else edition.version_for(sheet.dossier, sheet.visit),
        )

    if not crf.repeating:
        record = next(iter(sheet.records), None)
        return [made(record, ONLY_ROW)]
    # A record that was removed after the page was opened stays in view with what was typed into it.
    forms = [
        made(record, row_prefix(record.id))
        for record in sheet.records
        if not record.removed or (typed is not None and f"{row_prefix(record.id)}-revision" in typed)
    ]
    visit_id = next((page.visit_id for page in sheet.records), None)
    if (sheet.editable and sheet.standing.may(Act.ADD, visit=visit_id)) or (sheet.locked and typed):
        forms.append(made(None, NEW_ROW))
    return forms


def is_plan_step(sheet: Sheet) -> bool:
    """Whether the procedure page still waits for the plan, the step of its own before the device (§3.14)."""
    if sheet.crf.form != "PR":
        return False
    return not any(record.get("planned_cohort") for record in sheet.records)


def sent(sheet: Sheet) -> Sequence[PageForm]:
    """Return the records that were sent; one that somebody added after the page was opened is left alone."""
    return [
        form
        for form in sheet.forms
        if f"{form.prefix}-revision" in form.data
        and (not sheet.crf.repeating or form.record or not form.is_blank())
    ]
