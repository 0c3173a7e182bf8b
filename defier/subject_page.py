"""A subject's page: status, the leg and the course to scale, pages, logs, endpoints so far."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit import clock
from audit.actors import Actor
from defier.context import address_of
from defier.drawing import course
from defier.subject_endpoints import endpoints_so_far
from defier.subject_pages import logs, visit_blocks
from defier.subject_visits import Asked, VisitState, awaited, known_of, visit_states
from protocol.thresholds import Thresholds
from protocol.words import Bilingual, T
from sites.access import Request, can, needs
from sites.models import Study
from sites.roles import Action
from subjects.fetch import subject_or_404, subjects_visible
from subjects.models import Subject
from visits import dossier as dossiers
from visits.arranging import offered as arranging
from visits.blinding import forms_open_to
from visits.dossier import Dossier
from visits.drawing import leg
from visits.facts import SubjectFacts
from visits.models import Query
from visits.overview.course import ended_on
from visits.pages.neighbours import next_unscheduled
from visits.review import guard
from visits.review.guard import State
from visits.review.queries import queries_visible
from visits.review.signing.standing import of_pages

STATUS_TONES = {
    "ELIGIBLE": "info",
    "ENROLLED": "info",
    "IN_FOLLOW_UP": "info",
    "COMPLETED": "ok",
    "DEAD": "danger",
}
COHORT_WORDS = {
    "same": T("planned and treated", "计划与实际一致"),
    "planned": T("planned", "计划"),
    "MIXED": T("planned; treated with both", "计划；实际两种器械"),
    "NONE": T("planned; no study device delivered", "计划；未使用研究器械"),
    "DCB": T("planned; treated with DCB", "计划；实际DCB"),
    "DES": T("planned; treated with DES", "计划；实际DES"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing for a subject: its words, its sign, and where it is done."""

    words: str
    sign: str
    tone: str
    visit: str
    url: str


@needs(Action.SUBJECT_READ)
@require_GET
def subject_page(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show one subject; reads the dossier once and everything else from it."""
    actor = request.actor
    subject = subject_or_404(actor, subject_id)
    dossier = dossiers.load(subject)
    known, today = known_of(dossier), clock.today()
    asked, locked = _asked(subject, actor), _locked(dossier)
    standing = of_pages(dossier.pages)
    states = visit_states(
        dossier, known, by=actor, today=today, asked=asked, locked=locked, standing=standing
    )
    may_enter = can(actor, Action.PAGE_SAVE, subject.site_id)
    allowed = forms_open_to(actor)
    limits = Thresholds.from_config(Study.objects.values_list("config", flat=True).first() or {})
    context: dict[str, Any] = {
        "subject": subject,
        "dossier": dossier,
        "status": known.status,
        "status_tone": STATUS_TONES.get(known.status, ""),
        "known": known,
        "cohort_words": _cohort_words(known) if can(actor, Action.COHORT_READ, subject.site_id) else None,
        "day": _day(known, today),
        "step": _step(subject, states, today=today),
        "may_enter": may_enter,
        "may_files": can(actor, Action.UPLOAD_READ, subject.site_id),
        "arrange": arranging.of_subject(subject, actor),
        "leg": leg.draw(dossier, margin=limits.tlr_margin_mm),
        "course": course.draw(
            dossier,
            [_taken(state, dossier) for state in states],
            today=today,
            ended=ended_on(known),
            psvr_limit=limits.psvr,
        ),
        "blocks": visit_blocks(
            dossier,
            states,
            asked=asked,
            locked=locked,
            standing=standing,
            allowed=allowed,
            may_enter=may_enter,
        ),
        "later": [state for state in states if state.mark.sign == "not-yet"],
        "page_count": sum(1 for page in dossier.pages if not page.removed),
        "logs": logs(dossier, asked=asked, allowed=allowed),
        "unscheduled": reverse("page", args=[subject.pk, next_unscheduled(dossier), "FU"]),
        "casebook": address_of("subject-pdf", subject.pk) if can(actor, Action.PDF_REQUEST) else None,
        **_neighbours(subject, actor),
    }
    if can(actor, Action.SUBJECT_ENDPOINTS, subject.site_id):
        context["endpoints"] = endpoints_so_far(subject)
    return render(request, "subject/page.html", context)


def _asked(subject: Subject, by: Actor) -> dict[uuid.UUID, Asked]:
    """Return open and answered queries by page."""
    if not can(by, Action.QUERY_READ, subject.site_id):
        return {}
    counted = (
        queries_visible(by=by)
        .filter(subject=subject, state__in=("OPEN", "ANSWERED"))
        .values_list("page_id")
        .annotate(
            opened=Count("id", filter=Q(state=Query.State.OPEN)),
            answered=Count("id", filter=Q(state=Query.State.ANSWERED)),
        )
    )
    return {page: Asked(opened, answered) for page, opened, answered in counted}


def _locked(dossier: Dossier) -> set[uuid.UUID]:
    """Return the pages on which a lock of whatever level lets nothing be written."""
    standing = guard.of(dossier)
    return {page.id for page in dossier.pages if standing.state(page=page.id) is State.LOCKED}


def _cohort_words(known: SubjectFacts) -> Bilingual:
    """Say how the planned cohort and the devices that were delivered go together."""
    if known.facts.study_dev_introduced != "Y":
        return COHORT_WORDS["planned"]
    return COHORT_WORDS["same" if known.as_treated == known.planned_cohort else known.as_treated]


def _day(known: SubjectFacts, today: date) -> int | None:
    if known.proc_date is None:
        return None
    return ((ended_on(known) or today) - known.proc_date).days


def _taken(state: VisitState, dossier: Dossier) -> course.Taken:
    start = dossier.proc_date
    day = (state.taken_on - start).days if state.taken_on and start else None
    sign = "missed" if state.facts.missed else state.mark.sign
    return course.Taken(state.key, day, sign)


def _step(subject: Subject, states: list[VisitState], *, today: date) -> Step | None:
    """Return what comes next for a subject, None where nothing does."""
    first = next((one for one in states if one.entered and (one.facts.opened or one.facts.unfinished)), None)
    if first is None:
        undated = next((state for state in states if state.waiting and state.facts.closes is None), None)
        return _awaited_step(subject, awaited(states), undated, today)
    url = reverse("page", args=[subject.pk, first.key, first.form])
    named = {"visit": first.key}
    if first.facts.opened:
        return Step(_("%(visit)s: query to answer") % named, "query-open", "danger", first.key, url)
    return Step(_("%(visit)s incomplete") % named, "incomplete", "warn", first.key, url)


def _awaited_step(
    subject: Subject, waiting: VisitState | None, undated: VisitState | None, today: date
) -> Step | None:
    chosen = waiting if waiting is not None and waiting.waiting else undated or waiting
    if chosen is None:
        return None
    url = reverse("page", args=[subject.pk, chosen.key, chosen.form])
    opens, closes = chosen.facts.opens, chosen.facts.closes
    named = {"visit": chosen.key}
    if not chosen.waiting:
        words = _("%(visit)s opens %(day)s") % {**named, "day": opens} if opens else ""
        return Step(words, "not-yet", "", chosen.key, "") if words else None
    if closes is None:
        return Step(_("%(visit)s due") % named, "due", "info", chosen.key, url)
    left = (closes - today).days
    if left < 0:
        return Step(
            _("%(visit)s %(n)d days late") % {**named, "n": -left}, "overdue", "danger", chosen.key, url
        )
    tone = "warn" if chosen.mark.sign == "closing" else "info"
    words = _("%(visit)s closes in %(n)d days") % {**named, "n": left}
    return Step(words, chosen.mark.sign, tone, chosen.key, url)


def _neighbours(subject: Subject, by: Actor) -> dict[str, str | None]:
    """Return the addresses of the subjects before and after, by number, among those this person sees."""
    numbers = subjects_visible(by).values_list("pk", flat=True)
    before = numbers.filter(usubjid__lt=subject.usubjid).order_by("-usubjid").first()
    after = numbers.filter(usubjid__gt=subject.usubjid).order_by("usubjid").first()
    return {
        "previous_url": reverse("subject", args=[before]) if before else None,
        "next_url": reverse("subject", args=[after]) if after else None,
    }
