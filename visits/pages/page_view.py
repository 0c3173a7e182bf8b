"""The CRF page: shows what is asked at a visit, takes what is entered, and keeps it when it is refused."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.actors import Actor
from audit.context import REASONS, Reason, acting
from sites.access import Request, can, from_script, needs
from sites.gates import GatesShut, pass_gates
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import consent_gate
from visits import dossier as dossiers
from visits.arranging import offered as arranging
from visits.blinding import forms_open_to
from visits.capture import autosaves, comparison
from visits.capture.again import again
from visits.capture.comparison import Comparison
from visits.capture.entry import Conflict, NotSaved, PageEntry, Saved
from visits.capture.forms import PageForm
from visits.capture.save import action_for, store
from visits.consent_gate import Shut
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import LOG, Dossier
from visits.models import Query
from visits.overview.status import acts_of
from visits.pages import draft_view as drafts
from visits.pages import marks, neighbours
from visits.pages.opened import is_plan_step, sent, sheet_of, with_typed
from visits.pages.refused import Outcome, explain, readable
from visits.pages.sheet import Sheet
from visits.pages.signs import Known
from visits.review.queries import ANSWERS, CLOSE_REASONS, queries_visible
from visits.review.sdv import plan as plans
from visits.review.signing.ready import SIGNABLE
from visits.review.signing.standing import of_pages

log = structlog.get_logger(__name__)
ASKED_ANEW = frozenset({"csrfmiddlewaretoken", "then"})
"""What a form that is sent again may send otherwise."""


@dataclass(slots=True)
class Attempt:
    """A save that was tried: what was sent, and what came of it."""

    sheet: Sheet
    filled: Sequence[PageForm]
    saved: Saved | None = None
    outcome: Outcome | None = None
    compared: list[Comparison] = field(default_factory=list)


@needs(Action.PAGE_READ)
@require_http_methods(["GET", "POST"])
def page(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponse:
    """Show one form of one visit (LOG: a log) with all its rows; POST saves them together."""
    crf = FORMS.get(form)
    if crf is None or not neighbours.is_page(visit, form) or form not in forms_open_to(request.actor):
        raise Http404
    at = None if visit == LOG else visit
    if request.method == "POST" and drafts.typed_by_this_person(request):
        return _save(request, subject_id, crf, at)
    dossier = dossiers.load(subject_or_404(request.actor, subject_id, Action.PAGE_READ))
    not_covered = consent_gate.shut(dossier, at, form)
    if not_covered is not None and not dossier.at(at, form):
        return shut_page(request, dossier, not_covered)
    sheet = sheet_of(request, dossier, crf, at)
    if request.method == "POST":
        return _show(request, sheet, Outcome(409, _("Somebody else has signed in here. Nothing was saved.")))
    return _open(request, sheet)


def _open(request: Request, sheet: Sheet) -> HttpResponse:
    """Show a page as it stands; or, when asked to, as this person left it without saving."""
    draft = drafts.found(request, sheet)
    if draft is None or not draft.taken_up:
        return _show(request, sheet, Outcome(), draft=draft)
    sheet = with_typed(sheet, draft.typed)
    compared = comparison.compare(sheet, sent(sheet), draft.typed)
    if compared:
        return _compare(request, sheet, compared, draft.typed, key=draft.key, status=200)
    return _show(request, sheet, Outcome(), draft=draft)


def shut_page(request: Request, dossier: Dossier, not_covered: Shut) -> HttpResponse:
    """Say why a page may not be opened, and where consent is recorded (PRI-05)."""
    context = {"subject": dossier.subject, "shut": not_covered}
    return render(request, "crf/shut.html", context, status=HTTPStatus.FORBIDDEN)


def _save(request: Request, subject_id: uuid.UUID, crf: type[Crf], visit: str | None) -> HttpResponse:
    """Store what was sent, or show it again with what keeps it from being stored; never lose it."""
    try:
        tried = again(lambda: _try(request, subject_id, crf, visit))
    except (Http404, PermissionDenied) as refused:
        if isinstance(refused, GatesShut):
            _keep(request, subject_id, crf, visit)
        raise
    except Exception:
        _keep(request, subject_id, crf, visit)
        raise
    if tried.compared:
        return _compare(request, tried.sheet, tried.compared, request.POST, key=request.POST.get("key", ""))
    if tried.saved is None:
        return _show(request, tried.sheet, tried.outcome or Outcome())
    _tell(request, tried.saved)
    target = neighbours.after_save(request, tried.sheet)
    return JsonResponse({"go": target}) if from_script(request) else redirect(target)


def _try(request: Request, subject_id: uuid.UUID, crf: type[Crf], visit: str | None) -> Attempt:
    """Read and store what was sent, holding the subject; whatever is refused leaves nothing behind."""
    reason = _reason(request)
    try:
        with acting(by=request.actor, reason=reason):
            subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ, to_write=True)
            pass_gates(request.actor, action_for(crf.form), subject.site_id)
            dossier = dossiers.load(subject, asked=True, key=drafts.key_of(request))
            sheet = sheet_of(request, dossier, crf, visit, typed=request.POST)
            tried = _chosen(sheet, request.POST)
            if not tried.compared:
                tried.outcome = readable(tried.sheet, tried.filled)
            if tried.outcome is None and not tried.compared:
                tried.saved = store(
                    subject,
                    [_entry(request, tried.sheet, form) for form in tried.filled],
                    by=request.actor,
                    reason=reason,
                    key=drafts.key_of(request),
                    dossier=dossier,
                    digest=_digest(request.POST),
                )
    except Conflict:
        tried.compared = comparison.compare(tried.sheet, tried.filled, request.POST)
    except NotSaved as refused:
        tried.outcome = explain(tried.sheet, tried.filled, refused)
    return tried


def _chosen(sheet: Sheet, data: QueryDict) -> Attempt:
    """Put the choices of a comparison in the place of what was typed; compare again while any is open."""
    filled = sent(sheet)
    seen = [form for form in filled if comparison.was_compared(data, form)]
    compared = comparison.compare(sheet, seen, data)
    if any(one.undecided for one in compared):
        return Attempt(sheet, filled, compared=compared)
    if compared:
        sheet = with_typed(sheet, comparison.settled(data, compared))
        filled = sent(sheet)
    return Attempt(sheet, filled)


def _entry(request: Request, sheet: Sheet, form: PageForm) -> PageEntry:
    return form.entry(
        sheet.dossier.subject.pk,
        visit=sheet.visit,
        revision=form.revision,
        clear_hidden=request.POST.get("clear_hidden") == "1",
    )


def _keep(request: Request, subject_id: uuid.UUID, crf: type[Crf], visit: str | None) -> None:
    """Keep what was sent as a draft where the save itself failed (CON-03, CON-05)."""
    try:
        subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ)
        typed, _withheld = autosaves.boxes(request.POST, crf)
        key = drafts.key_of(request) or uuid.uuid4()
        autosaves.keep(subject, visit=visit, form=crf.form, key=key, typed=typed, by=request.actor)
    except Exception as error:
        log.exception("draft_not_kept", error=type(error).__name__)


def _digest(data: QueryDict) -> str:
    """Return the SHA-256 of a sent form, so that the same form sent again is told from one typed on."""
    boxes = sorted((name, texts) for name, texts in data.lists() if name not in ASKED_ANEW)
    return hashlib.sha256(repr(boxes).encode("utf-8", "backslashreplace")).hexdigest()


def _reason(request: Request) -> Reason | None:
    code = request.POST.get("reason", "")
    text = request.POST.get("reason_text", "").strip()
    if code not in REASONS or (code == "OTHER" and not text):
        return None
    return Reason(code, text)


def _tell(request: Request, saved: Saved) -> None:
    changed = sum(len(items) for items in saved.changed.values())
    text = _("Saved: %(count)d items.") % {"count": changed} if changed else _("Nothing had changed.")
    if saved.opened:
        text += " " + _("%(count)d queries opened.") % {"count": len(saved.opened)}
    if saved.closed:
        text += " " + _("%(count)d queries closed.") % {"count": len(saved.closed)}
    messages.success(request, text)


def _around(request: Request, sheet: Sheet) -> dict[str, Any]:
    """Return what stands around the items: the subject, the other pages, the reasons for change."""
    subject, actor = sheet.dossier.subject, request.actor
    known = _known(request, sheet)
    return {
        "sheet": sheet,
        "subject": subject,
        "dossier": sheet.dossier,
        "rail": neighbours.rail(sheet, forms_open_to(actor), known),
        "next": neighbours.next_form(sheet),
        "reasons": [(code, label) for code, label in REASONS.items() if code != "SYSTEM"],
        "sees_cohort": can(actor, Action.COHORT_READ, subject.site_id),
        "here": reverse("page", args=[subject.pk, sheet.visit or LOG, sheet.crf.form]),
        "draft_url": reverse("draft", args=[subject.pk, sheet.visit or LOG, sheet.crf.form]),
    }


def _known(request: Request, sheet: Sheet) -> Known:
    """Return what the signs of the rail are read from; its signatures are those of the page's own panel."""
    actor = request.actor
    asked = _load_queries(sheet, by=actor) if can(actor, Action.QUERY_READ) else []
    sheet.signed = of_pages(page for page in sheet.dossier.pages if page.form in SIGNABLE)
    return Known(
        acts=acts_of(actor),
        opened=frozenset(query.page_id for query in asked if query.state == Query.State.OPEN),
        answered=frozenset(query.page_id for query in asked if query.state == Query.State.ANSWERED),
        signed=sheet.signed,
        guard=sheet.standing,
        plan=sheet.plan if sheet.may_verify else None,
        usubjid=sheet.dossier.subject.usubjid,
    )


def _load_queries(sheet: Sheet, *, by: Actor) -> list[Query]:
    """Give the sheet the queries on its records, with their threads; return these and all that stand."""
    subject, here = sheet.dossier.subject, {record.id for record in sheet.records}
    concerned = Q(page_id__in=here) | Q(state__in=(Query.State.OPEN, Query.State.ANSWERED))
    found = list(queries_visible(by=by).filter(concerned, subject=subject))
    sheet.queries = [query for query in found if query.page_id in here]
    prefetch_related_objects(sheet.queries, "steps")
    return found


def _compare(
    request: Request,
    sheet: Sheet,
    compared: list[Comparison],
    typed: QueryDict,
    *,
    key: object,
    status: int = 409,
) -> HttpResponse:
    """Show what two people made of one page, side by side (ux.md, Conflict); what was typed goes along."""
    context = {
        **_around(request, sheet),
        "compared": compared,
        "undecided": sum(one.undecided for one in compared),
        "carried": comparison.carried(typed, compared),
        "key": key or uuid.uuid4(),
        "reason_given": typed.get("reason", ""),
        "reason_text": typed.get("reason_text", ""),
    }
    return render(request, "crf/conflict.html", context, status=status)


def _show(
    request: Request, sheet: Sheet, outcome: Outcome, *, draft: drafts.Found | None = None
) -> HttpResponse:
    subject = sheet.dossier.subject
    actor = request.actor
    _show_marks(request, sheet)
    typed = draft.typed if draft and draft.taken_up else request.POST
    context = {
        **_around(request, sheet),
        "to_verify": marks.waiting(sheet.dossier, sheet.records, plan=sheet.plan)
        if sheet.may_verify and sheet.plan
        else [],
        "outcome": outcome,
        "draft": draft,
        "discarded": request.GET.get("discarded", ""),
        "differs": json.dumps(drafts.differing(sheet)),
        "key": draft.key if draft and draft.taken_up else typed.get("key") or uuid.uuid4(),
        "reason_given": typed.get("reason", ""),
        "reason_text": typed.get("reason_text", ""),
        "plan_step": is_plan_step(sheet),
        "arrange": arranging.of_pages(sheet.records, subject, actor),
        "may_raise": can(actor, Action.QUERY_RAISE, subject.site_id),
        "may_answer": can(actor, Action.QUERY_ANSWER, subject.site_id),
        "may_print": can(actor, Action.PDF_REQUEST, subject.site_id),
        "trail_at": reverse("subject-trail", args=[subject.pk])
        if can(actor, Action.TRAIL_READ, subject.site_id)
        else "",
        "may_lock": can(actor, Action.LOCK, subject.site_id),
        "may_close": can(actor, Action.QUERY_CLOSE, subject.site_id),
        "may_confirm": sheet.crf.form == "IE" and can(actor, Action.ELIGIBILITY_CONFIRM, subject.site_id),
        "answers": ANSWERS,
        "close_reasons": {k: v for k, v in CLOSE_REASONS.items() if k != "auto"},
    }
    return render(request, "crf/page.html", context, status=outcome.status)


def _show_marks(request: Request, sheet: Sheet) -> None:
    """Let marks of verification stand on the rows; what waits is looked up for who acts on it alone."""
    actor, site = request.actor, sheet.dossier.subject.site_id
    if can(actor, Action.QUERY_READ, site):
        sheet.may_verify = can(actor, Action.SDV_VERIFY, site)
        sheet.plan = plans.in_force() if sheet.may_verify else plans.NOTHING
