"""The CRF page: shows what is asked at a visit, takes what is entered, and keeps it when it is refused."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.context import REASONS, Reason, acting
from protocol.eligibility import CRITERIA, Verdict
from protocol.version import FIRST
from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import consent_gate, neighbours
from visits import dossier as dossiers
from visits.blinding import forms_open_to
from visits.capture import edition
from visits.capture.entry import (
    ClearingUnconfirmed,
    Conflict,
    Locked,
    NotSaved,
    PageEntry,
    ReasonNeeded,
    Saved,
    SaveRefused,
)
from visits.capture.forms import PageForm, in_both
from visits.capture.gate import NotCovered
from visits.capture.save import action_for, store
from visits.capture.validation import STAMPED
from visits.consent_gate import Shut
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.crfs.criteria import eligibility_inputs
from visits.dossier import LOG, Dossier, PageRecord
from visits.models import Query
from visits.review import locking
from visits.review.queries import ANSWERS, CLOSE_REASONS, queries_visible
from visits.sheet import NEW_ROW, ONLY_ROW, Sheet, row_prefix

PLAN = ("planned_cohort", "plan_reason")


@dataclass(slots=True)
class Outcome:
    """What stands in the save bar after a save that was not made."""

    status: int = 200
    message: str = ""
    clearing: tuple[tuple[str, str], ...] = ()
    reason_asked: bool = False


@needs(Action.PAGE_READ)
@require_http_methods(["GET", "POST"])
def page(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponse:
    """Show one form of one visit (LOG: a log) with all its rows; POST saves them together."""
    crf = FORMS.get(form)
    if crf is None or not neighbours.is_page(visit, form) or form not in forms_open_to(request.actor):
        raise Http404
    at = None if visit == LOG else visit
    if request.method == "POST":
        return _save(request, subject_id, crf, at)
    dossier = dossiers.load(subject_or_404(request.actor, subject_id, Action.PAGE_READ))
    not_covered = consent_gate.shut(dossier, at, form)
    if not_covered is not None and not dossier.at(at, form):
        return shut_page(request, dossier, not_covered)
    return _show(request, _sheet(request, dossier, crf, at), Outcome())


def shut_page(request: Request, dossier: Dossier, not_covered: Shut) -> HttpResponse:
    """Say why a page may not be opened, and where consent is recorded (PRI-05)."""
    context = {"subject": dossier.subject, "shut": not_covered}
    return render(request, "crf/shut.html", context, status=HTTPStatus.FORBIDDEN)


def _sheet(request: Request, dossier: Dossier, crf: Any, visit: str | None) -> Sheet:
    records = dossier.at(visit, crf.form)
    actor = request.actor
    may_save = can(actor, action_for(crf.form), dossier.subject.site_id)
    covering = locking.covering(subject_id=dossier.subject.pk, page_ids=[page.id for page in records])
    sheet = Sheet(
        dossier=dossier,
        crf=crf,
        visit=visit,
        records=records,
        forms=[],
        editable=may_save and not covering,
        locked=may_save and bool(covering),
        today=clock.today(),
        verdicts=_verdicts(dossier) if crf.form == "IE" else {},
        opened=request.GET.get("record", ""),
    )
    sheet.forms = _forms(request, sheet)
    return sheet


def _verdicts(dossier: Dossier) -> dict[str, Verdict]:
    known = eligibility_inputs(dossier)
    return {criterion.id: criterion.decide(known) for criterion in CRITERIA}


def _forms(request: Request, sheet: Sheet) -> list[PageForm]:
    """Return a form per stored row, and one for a row that can still be added."""
    data = request.POST if request.method == "POST" else None
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
            data=data,
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
        if not record.removed or (data is not None and f"{row_prefix(record.id)}-revision" in data)
    ]
    if sheet.editable or (sheet.locked and data is not None):
        forms.append(made(None, NEW_ROW))
    return forms


def is_plan_step(sheet: Sheet) -> bool:
    """Whether the procedure page still waits for the plan, the step of its own before the device (§3.14)."""
    if sheet.crf.form != "PR":
        return False
    return not any(record.get("planned_cohort") for record in sheet.records)


def _save(request: Request, subject_id: uuid.UUID, crf: type[Crf], visit: str | None) -> HttpResponse:
    """Read and store what was sent, holding the subject; whatever is refused leaves nothing behind."""
    reason = _reason(request)
    try:
        with acting(by=request.actor, reason=reason):
            subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ, to_write=True)
            sheet = _sheet(request, dossiers.load(subject, asked=True), crf, visit)
            filled = _sent(request, sheet)
            outcome = _readable(sheet, filled)
            if outcome is None:
                saved = store(
                    subject,
                    [_entry(request, sheet, form) for form in filled],
                    by=request.actor,
                    reason=reason,
                    key=_key(request),
                    dossier=sheet.dossier,
                )
    except NotSaved as refused:
        outcome = _explain(sheet, filled, refused)
    if outcome is not None:
        return _show(request, sheet, outcome)
    _tell(request, saved)
    return redirect(neighbours.after_save(request, sheet))


def _sent(request: Request, sheet: Sheet) -> list[PageForm]:
    """Return the rows that were sent; one that somebody added after the page was opened is left alone."""
    return [
        form
        for form in sheet.forms
        if f"{form.prefix}-revision" in request.POST
        and (not sheet.crf.repeating or form.record or not form.is_blank())
    ]


def _readable(sheet: Sheet, filled: Sequence[PageForm]) -> Outcome | None:
    """Return what to say where nothing can be stored: not this person's page, or text that cannot be read."""
    if sheet.locked:
        sheet.editable = True  # what was typed stays in its boxes
        return Outcome(409, _("This page is locked. Nothing was saved. Unlocking: data manager."))
    if not sheet.editable:
        return Outcome(403, _("You cannot change this page. Nothing was saved."))
    count = sum(len(form.errors) for form in filled)
    if not count:
        return None
    return Outcome(422, _("Nothing was saved: %(count)d to correct.") % {"count": count})


def _entry(request: Request, sheet: Sheet, form: PageForm) -> PageEntry:
    return form.entry(
        sheet.dossier.subject.pk,
        visit=sheet.visit,
        revision=_revision(request, form),
        clear_hidden=request.POST.get("clear_hidden") == "1",
    )


def _revision(request: Request, form: PageForm) -> int:
    """Return the revision that was opened; a page that does not exist can only have been opened as 0."""
    given = request.POST.get(f"{form.prefix}-revision", "")
    return int(given) if form.record is not None and given.isascii() and given.isdigit() else 0


def _reason(request: Request) -> Reason | None:
    code = request.POST.get("reason", "")
    text = request.POST.get("reason_text", "").strip()
    if code not in REASONS or (code == "OTHER" and not text):
        return None
    return Reason(code, text)


def _key(request: Request) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _explain(sheet: Sheet, filled: Sequence[PageForm], refused: NotSaved) -> Outcome:
    """Put what was refused where it belongs: at its item, in the save bar, or beside the stored values."""
    if isinstance(refused, SaveRefused):
        for problem in refused.problems:
            form = filled[problem.entry]
            form.add_error(problem.item if problem.item in form.fields else None, in_both(problem.message))
        return Outcome(422, _("Nothing was saved: %(count)d to correct.") % {"count": len(refused.problems)})
    if isinstance(refused, ReasonNeeded):
        return Outcome(422, _("Say why the stored value changes, then save again."), reason_asked=True)
    if isinstance(refused, ClearingUnconfirmed):
        items = sheet.crf.items()
        hidden = tuple((items[name].label.en, items[name].label.zh) for _number, name in refused.items)
        return Outcome(422, _("Your answers hide items that hold values."), clearing=hidden)
    if isinstance(refused, Conflict):
        sheet.theirs = refused.stored
        filled[refused.entry].record = refused.stored
        return Outcome(409, _("Somebody saved this page after you opened it. Compare, then save again."))
    if isinstance(refused, NotCovered):
        return Outcome(403, in_both(refused.shut.why))
    if isinstance(refused, Locked):
        return Outcome(409, _("This page is locked. Nothing was saved. Unlocking: data manager."))
    raise refused


def _tell(request: Request, saved: Saved) -> None:
    changed = sum(len(items) for items in saved.changed.values())
    text = _("Saved: %(count)d items.") % {"count": changed} if changed else _("Nothing had changed.")
    if saved.opened:
        text += " " + _("%(count)d queries opened.") % {"count": len(saved.opened)}
    if saved.closed:
        text += " " + _("%(count)d queries closed.") % {"count": len(saved.closed)}
    messages.success(request, text)


def _show(request: Request, sheet: Sheet, outcome: Outcome) -> HttpResponse:
    subject = sheet.dossier.subject
    actor = request.actor
    if sheet.records and can(actor, Action.QUERY_READ, subject.site_id):
        concerned = queries_visible(by=actor).filter(page_id__in=[record.id for record in sheet.records])
        sheet.queries = list(concerned.prefetch_related("steps"))
    context = {
        "sheet": sheet,
        "subject": subject,
        "dossier": sheet.dossier,
        "outcome": outcome,
        "rail": neighbours.rail(
            sheet,
            forms_open_to(actor),
            queries_visible(by=actor) if can(actor, Action.QUERY_READ) else Query.objects.none(),
        ),
        "next": neighbours.next_form(sheet),
        "key": request.POST.get("key") or str(uuid.uuid4()),
        "reasons": [(code, label) for code, label in REASONS.items() if code != "SYSTEM"],
        "reason_given": request.POST.get("reason", ""),
        "reason_text": request.POST.get("reason_text", ""),
        "plan_step": is_plan_step(sheet),
        "sees_cohort": can(actor, Action.COHORT_READ, subject.site_id),
        "may_raise": can(actor, Action.QUERY_RAISE, subject.site_id),
        "may_answer": can(actor, Action.QUERY_ANSWER, subject.site_id),
        "may_print": can(actor, Action.PDF_REQUEST, subject.site_id),
        "may_lock": can(actor, Action.LOCK, subject.site_id),
        "may_close": can(actor, Action.QUERY_CLOSE, subject.site_id),
        "may_confirm": sheet.crf.form == "IE" and can(actor, Action.ELIGIBILITY_CONFIRM, subject.site_id),
        "answers": ANSWERS,
        "close_reasons": {k: v for k, v in CLOSE_REASONS.items() if k != "auto"},
        "here": reverse("page", args=[subject.pk, sheet.visit or LOG, sheet.crf.form]),
    }
    return render(request, "crf/page.html", context, status=outcome.status)
