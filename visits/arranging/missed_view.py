"""A visit that was missed, in the browser: one page, one reason."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from protocol.schedule import SCHEDULED_FU, VISIT
from sites.access import Request, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits import dossier as dossiers
from visits.arranging.missed import Standing, follow_up, miss, standing, take_back
from visits.capture.entry import Locked, NotSaved, SaveRefused
from visits.capture.forms import in_both
from visits.dossier import Dossier

LONGEST = 200


@needs(Action.PAGE_SAVE)
@require_http_methods(["GET", "POST"])
def missed(request: Request, subject_id: uuid.UUID, visit: str) -> HttpResponse:
    """Ask why a visit was missed, or why it was not after all; POST records it."""
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_SAVE)
    if visit not in SCHEDULED_FU:
        raise Http404
    dossier = dossiers.load(subject)
    now = standing(dossier, visit)
    typed, wrong = "", ""
    if request.method == "POST":
        typed = request.POST.get("why", "").strip()
        wrong = _record(request, dossier, visit, now, typed)
        if not wrong:
            return redirect("subject", subject.pk)
    context = _context(subject, dossier, visit, now) | {"typed": typed, "wrong": wrong}
    return render(request, "subject/missed.html", context, status=422 if wrong else 200)


def _record(request: Request, dossier: Dossier, visit: str, now: Standing, why: str) -> str:
    """Record what was sent; return what is wrong with it, in words, or nothing."""
    if now not in (Standing.AWAITED, Standing.MISSED) or request.POST.get("from") != now:
        return _("The visit changed meanwhile: nothing was recorded. This is how it stands now.")
    if not why:
        return _("Reason: say why.")
    if len(why) > LONGEST or not why.isprintable():
        return _("Reason: one line of at most %(n)d characters.") % {"n": LONGEST}
    act = miss if now is Standing.AWAITED else take_back
    try:
        act(dossier, visit=visit, why=why, by=request.actor)
    except SaveRefused as refused:
        return " ".join(in_both(problem.message) for problem in refused.problems)
    except Locked:
        return _("This visit is locked: nothing was recorded.")
    except NotSaved:
        return _("The visit changed meanwhile: nothing was recorded. This is how it stands now.")
    said = _("%(visit)s is recorded as missed.") if act is miss else _("%(visit)s waits for entry again.")
    messages.success(request, said % {"visit": visit})
    return ""


def _context(subject: Subject, dossier: Dossier, visit: str, now: Standing) -> dict[str, object]:
    page = follow_up(dossier, visit)
    return {
        "subject": subject,
        "visit": visit,
        "label": VISIT[visit].label,
        "standing": now.value,
        "may": now in (Standing.AWAITED, Standing.MISSED),
        "reason": page.get("miss_reason") if page else "",
        "longest": LONGEST,
    }
