"""Moving a page in the browser: where to, what will happen, why; and then where it stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404, subjects_visible
from subjects.find_view import matching
from subjects.models import Subject
from visits import dossier as dossiers
from visits.arranging.moving import UNMOVABLE, CannotMove, Plan, move_page, place, plan_move
from visits.blinding import forms_open_to
from visits.capture.entry import Locked
from visits.dossier import LOG
from visits.models import Page
from visits.pages import neighbours


@dataclass(frozen=True, slots=True)
class Asked:
    """Where somebody wants a page to go, as typed; `subject` is None where no such one is found."""

    typed: str
    subject: Subject | None
    visit: str | None

    @property
    def is_any(self) -> bool:
        """Whether anything was asked at all."""
        return bool(self.typed)


@needs(Action.PAGE_MOVE)
@require_http_methods(["GET", "POST"])
def move(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Ask where a page belongs and show what a move would do (`?to=`, `&visit=`); POST moves it."""
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_MOVE)
    page = Page.objects.select_related("subject", "visit").filter(pk=page_id, subject=subject).first()
    if page is None or page.form not in forms_open_to(request.actor):
        raise Http404
    if not can(request.actor, Action.PAGE_MOVE, subject.site_id):
        raise PermissionDenied
    asked = _asked(request, page)
    if request.method == "POST" and asked.subject is not None:
        return _moved(request, page, asked)
    return _show(request, page, asked)


def _asked(request: Request, page: Page) -> Asked:
    given = request.POST if request.method == "POST" else request.GET
    typed = given.get("to", "").strip()[:40]
    visit = given.get("visit", page.visit.key if page.visit else LOG)[:8]
    found = list(matching(_candidates(request, page), typed)[:2]) if typed else []
    return Asked(typed, found[0] if len(found) == 1 else None, None if visit == LOG else visit)


def _candidates(request: Request, page: Page) -> Any:
    """Return the subjects to which it may go: those of the same site."""
    return subjects_visible(request.actor, Action.PAGE_MOVE).filter(site_id=page.site_id)


def _show(
    request: Request, page: Page, asked: Asked, *, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    plan = None
    if asked.subject is not None:
        plan = plan_move(page=page, to_subject=asked.subject, to_visit=asked.visit, by=request.actor)
    elif asked.is_any:
        problem, status = _("No subject of this site has that number."), 404
    dossier = plan.source if plan else dossiers.load(page.subject)
    record = dossier.page(page.pk)
    if record is None:
        raise Http404
    visits = [LOG] if page.visit is None else [*neighbours.visit_keys(dossier), _next(dossier)]
    context = {
        "subject": page.subject,
        "record": record,
        "plan": plan,
        "asked": asked,
        "chosen": asked.visit or LOG,
        "visits": [visit for visit in visits if neighbours.is_page(visit, page.form)],
        "candidates": _candidates(request, page).order_by("usubjid"),
        "unmovable": UNMOVABLE.get(page.form),
        "results": _results(plan),
        "problem": problem,
        "reason": reason,
        "here": _address(page),
    }
    return render(request, "arrange/move.html", context, status=status)


def _next(dossier: Any) -> str:
    return neighbours.next_unscheduled(dossier)


def _results(plan: Plan | None) -> list[tuple[Subject, int]]:
    """Count the endpoint results of the subjects concerned, which are computed anew."""
    if plan is None:
        return []
    subjects = {plan.source.subject.pk: plan.source.subject, plan.target.subject.pk: plan.target.subject}
    return [(one, one.results.count()) for one in subjects.values()]


def _moved(request: Request, page: Page, asked: Asked) -> HttpResponse:
    reason = request.POST.get("reason", "")
    subject = asked.subject
    if subject is None:
        raise Http404
    old = _address(page)
    try:
        plan = move_page(page=page, to_subject=subject, to_visit=asked.visit, by=request.actor, reason=reason)
    except ValueError:
        return _show(
            request, page, asked, problem=_("Say why the page is moved. Nothing was moved."), status=422
        )
    except CannotMove:
        return _show(request, page, asked, reason=reason, status=409)
    except Locked:
        locked = _("A lock covers one of the two places. Nothing was moved.")
        return _show(request, page, asked, problem=locked, reason=reason, status=409)
    was = place(plan.source.subject, plan.record.visit, plan.record)
    said = _("Moved from %(place)s: %(items)d answers and %(queries)d queries went along.")
    words = said % {"place": was, "items": plan.items, "queries": plan.queries}
    messages.success(request, format_html('{} <a href="{}">{}</a>', words, old, _("The old place")))
    return redirect("page", subject.pk, asked.visit or LOG, page.form)


def _address(page: Page) -> str:
    return reverse("page", args=[page.subject_id, page.visit.key if page.visit else LOG, page.form])
