"""Results in the browser: the Kaplan–Meier figure of an endpoint, and why a result is what it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit.actors import Actor
from audit.context import record_event
from audit.jobs import enqueue
from outcomes import drawing, estimates
from outcomes.explained import Explained, explained
from outcomes.models import Result, ResultQuerySet
from outcomes.overview import overview
from outcomes.time_to_event import EVENT, LAST_CONTACT
from protocol import endpoints
from protocol.version import PROTOCOL_VERSION
from sites import reader
from sites.access import Request, can, needs, visible_sites
from sites.roles import Action
from subjects.fetch import subject_or_404, subjects_visible

PER_PAGE = 20
LISTS = ("open", "events", "all")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person has chosen to see; every link on the page changes one of them."""

    endpoint: endpoints.Endpoint
    incidence: bool
    bands: bool
    competing: bool
    listed: str
    split: bool

    def query(self, **changed: str) -> str:
        """Return the query string with some choices changed."""
        chosen = {
            "endpoint": self.endpoint.paramcd,
            "show": "incidence" if self.incidence else "freedom",
            "bands": "on" if self.bands else "off",
            "competing": "on" if self.competing else "off",
            "split": "cohort" if self.split else "pooled",
            "list": self.listed,
        }
        return "?" + urlencode({**chosen, **changed})


@needs(Action.OUTCOMES_POOLED)
@require_GET
def results(request: Request) -> HttpResponse:
    """Show one endpoint: figure, estimates, and the subjects behind it."""
    actor = request.actor
    choice = _choice(request)
    visible = _visible(actor).filter(paramcd=choice.endpoint.paramcd)
    rows = [
        estimates.Followed(cohort, aval, cnsr, adjudicated)
        for cohort, aval, cnsr, adjudicated in visible.values_list("cohort", "aval", "cnsr", "adjudicated")
        if aval is not None and cnsr is not None
    ]
    groups = estimates.groups(rows, by_cohort=choice.split)
    if choice.split:
        record_event("OUTCOMES_BY_COHORT", by=actor, detail={"endpoint": choice.endpoint.paramcd})
    happened, undecided = estimates.events(rows)
    horizon = choice.endpoint.horizon
    context = {
        "choice": choice,
        "links": _links(choice),
        "may_split": can(actor, Action.OUTCOMES_BY_COHORT),
        "may_recompute": can(actor, Action.RECOMPUTE_STUDY),
        "families": endpoints.FAMILIES,
        "endpoints": endpoints.ENDPOINTS,
        "chart": drawing.chart(groups, horizon, incidence=choice.incidence, bands=choice.bands)
        if groups
        else None,
        "groups": [_summary(group, choice) for group in groups],
        "difference": estimates.difference(groups, horizon or 730) if choice.split else None,
        "events": happened,
        "undecided": undecided,
        "subjects": len(rows),
        "protocol_version": PROTOCOL_VERSION,
        "stale": visible.outdated().count(),
    }
    context.update(_beside(request, choice, visible))
    return render(request, "outcomes/results.html", context)


@needs(Action.SUBJECT_ENDPOINTS)
@require_GET
def why(request: Request, subject_id: uuid.UUID, paramcd: str) -> HttpResponse:
    """Explain one result of one subject, beside the subject's other results."""
    subject = subject_or_404(request.actor, subject_id, Action.SUBJECT_ENDPOINTS)
    standing = Result.objects.filter(subject=subject).with_staleness().select_related("subject")
    result = get_object_or_404(standing, paramcd=paramcd)
    others = {row.paramcd: row for row in standing.defer("explanation")}
    context = {
        "subject": subject,
        "why": _explained(request, result),
        "tables": overview(others),
        "protocol_version": PROTOCOL_VERSION,
        "may_see_outcomes": can(request.actor, Action.OUTCOMES_POOLED),
    }
    return render(request, "outcomes/subject.html", context)


@needs(Action.RECOMPUTE_STUDY)
@require_POST
def recompute(request: Request) -> HttpResponse:
    """Ask for everybody's results anew and show how far that is."""
    asked = enqueue("recompute_study", by=request.actor, args={})
    return redirect(reverse("job", args=[asked.pk]))


def _choice(request: Request) -> Choice:
    given = request.GET
    endpoint = endpoints.ENDPOINT.get(given.get("endpoint", endpoints.PRIMARY.paramcd))
    listed = given.get("list", "open")
    if endpoint is None or listed not in LISTS:
        raise Http404
    may_split = can(request.actor, Action.OUTCOMES_BY_COHORT)
    if given.get("split") == "cohort" and not may_split:
        raise PermissionDenied(_("Results by cohort stay closed until the data are locked."))
    return Choice(
        endpoint=endpoint,
        incidence=given.get("show") == "incidence",
        bands=given.get("bands", "on") == "on",
        competing=given.get("competing") == "on",
        listed=listed,
        split=may_split and given.get("split", "cohort") == "cohort",
    )


def _visible(by: Actor) -> ResultQuerySet:
    sites = visible_sites(by, Action.OUTCOMES_POOLED)
    return Result.objects.all() if sites is None else Result.objects.filter(site_id__in=sites)


def _links(choice: Choice) -> dict[str, str]:
    return {
        "show": choice.query(show="freedom" if choice.incidence else "incidence"),
        "bands": choice.query(bands="off" if choice.bands else "on"),
        "competing": choice.query(competing="off" if choice.competing else "on"),
        "split": choice.query(split="pooled" if choice.split else "cohort"),
        **{name: choice.query(list=name) for name in LISTS},
    }


def _summary(group: estimates.Group, choice: Choice) -> dict[str, Any]:
    """Return one group's estimates for the small table and for the table behind the chart."""
    horizon = choice.endpoint.horizon
    shown = [day for day in (30, 365, 730) if horizon is None or day <= horizon][-2:]
    return {
        "group": group,
        "days": shown,
        "at": [_percent(estimates.bounds(group.curve.at(day), complement=choice.incidence)) for day in shown],
        "rows": [
            {
                "day": row.day,
                "at_risk": row.at_risk,
                "shown": _percent(estimates.bounds(row.survival, complement=choice.incidence)),
                "incidence": _percent(estimates.bounds(row.incidence)),
            }
            for row in estimates.table(group, horizon)
        ],
    }


def _percent(found: tuple[float, float | None, float | None]) -> tuple[str, str]:
    """Return a share and its limits in percent, "–" where the limits cannot be estimated."""
    value, low, high = found
    limits = "–" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"
    return f"{100 * value:.1f}", limits


def _beside(request: Request, choice: Choice, visible: ResultQuerySet) -> dict[str, Any]:
    """Return the right-hand panel: one subject's explanation, or the list of subjects to choose from."""
    if not can(request.actor, Action.SUBJECT_ENDPOINTS):
        return {}
    own = visible.filter(subject__in=subjects_visible(request.actor, Action.SUBJECT_ENDPOINTS))
    asked = request.GET.get("subject", "")
    if asked:
        try:
            wanted = uuid.UUID(asked)
        except ValueError as error:
            raise Http404 from error
        chosen = get_object_or_404(own.with_staleness().select_related("subject"), subject_id=wanted)
        return {"why": _explained(request, chosen)}
    found = own.select_related("subject").defer("explanation").order_by("aval", "subject__usubjid")
    early = Q(cnsr=LAST_CONTACT, explanation__hints__0__isnull=False)
    counts = found.order_by().aggregate(
        all=Count("pk"), events=Count("pk", filter=Q(cnsr=EVENT)), open=Count("pk", filter=early)
    )
    if choice.listed != "all":
        found = found.filter(early if choice.listed == "open" else Q(cnsr=EVENT))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = [(row, choice.query(subject=str(row.subject_id))) for row in page]
    turn = {
        "previous": choice.query(page=str(page.previous_page_number())) if page.has_previous() else "",
        "next": choice.query(page=str(page.next_page_number())) if page.has_next() else "",
    }
    return {"page": page, "shown": shown, "turn": turn, "counts": counts}


def _explained(request: Request, result: Result) -> Explained:
    return explained(result, by=request.actor, language=reader.language())
