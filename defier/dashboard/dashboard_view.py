"""The dashboard in the browser: the panels, the lists that their numbers count, and visits as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from audit import clock
from audit.actors import Actor
from audit.context import record_event
from defier.dashboard import enrolment, figures
from defier.dashboard.here import Here
from sites.access import Request, can, needs, visible_sites
from sites.models import Site
from sites.reader import said
from sites.roles import Action
from sites.upkeep import the_study
from visits.overview import progress
from visits.overview.matrix import SubjectRow, matrix
from visits.overview.progress import Enrolled, VisitLine
from visits.review.sdv import pages as sdv_pages
from visits.review.sdv import plan as plans

PER_PAGE = 100
QUARTER = re.compile(r"20\d\dQ[1-4]", re.ASCII)
LAST_VISIT = timedelta(days=790)
"""The end of the last window, from the procedure (protocol §1.5, C08)."""
COLUMNS = ("site", "enrolled_at", "subject", "visit", "date", "state")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to; 404 for what there is not."""

    site: str = ""
    visit: str = ""
    state: str = ""
    quarter: str = ""
    until: str = ""

    @classmethod
    def of(cls, request: Request) -> Asked:
        """Read the address."""
        asked = cls(**{name: request.GET.get(name, "") for name in cls.__dataclass_fields__})
        known = not asked.visit or asked.visit in progress.COLUMNS
        for quarter in (asked.quarter, asked.until):
            known = known and (not quarter or QUARTER.fullmatch(quarter) is not None)
        if not known or (asked.site and asked.site not in {one.code for one in _sites(request.actor)}):
            raise Http404
        return asked

    @property
    def address(self) -> str:
        """The address after the question mark."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(slots=True)
class Listed:
    """A list: its title, its rows, how each is narrowed in words."""

    title: str
    rows: list[Any]
    template: str
    filters: list[str] = field(default_factory=list)


def _sites(by: Actor) -> list[Site]:
    """Return the clinical sites of which this person may see how far they are."""
    seen = visible_sites(by, Action.DASHBOARD_READ)
    clinical = Site.objects.filter(role=Site.Role.CLINICAL).order_by("code")
    return list(clinical if seen is None else clinical.filter(code__in=seen))


@needs(Action.DASHBOARD_READ)
@require_safe
def dashboard(request: Request) -> HttpResponse:
    """Show how far the study is; `?site=` one site."""
    by, today = request.actor, clock.today()
    here = Here(by, _sites(by), request.GET.get("site", ""))
    if here.chosen and here.chosen not in {site.code for site in here.sites}:
        raise Http404
    rows = matrix(by)
    study = the_study()
    enrolled = [one for one in progress.enrolled(rows) if one.site in here.codes]
    visits = _at(progress.visit_lines(rows, today=today), here.chosen)
    panels = [
        enrolment.by_site(here, enrolled, study),
        enrolment.by_quarter(here, enrolled, study, today),
        figures.completeness(here, visits),
        figures.ageing(here),
        *([figures.verification(here)] if can(by, Action.SDV_READ) else []),
        figures.safety(here),
    ]
    context = {
        "columns": (panels[::2], panels[1::2]),
        "payments": figures.payments(here, visits),
        "here": here,
        "today": today,
        "last_visit": enrolled[-1].on + LAST_VISIT if enrolled else None,
        "registered_end": study.planned_completion,
        "unconfirmed": [s for s in here.sites if s.ethics_no and not s.ethics_covers_study],
    }
    context["too_long"] = _is_after(context["last_visit"], study.planned_completion)
    return render(request, "dashboard/dashboard.html", context)


def _is_after(day: Any, registered: str) -> bool:
    """Say whether a day lies after the registered end, which may be a month."""
    return isinstance(day, date) and bool(registered) and day.isoformat()[: len(registered)] > registered


def _at(lines: list[VisitLine], site: str) -> list[VisitLine]:
    return [one for one in lines if site in ("", one.site)]


@needs(Action.DASHBOARD_READ)
@require_safe
def dashboard_list(request: Request, name: str) -> HttpResponse:
    """Show the rows that a number of the dashboard counts: `?site=`, `?visit=`, `?state=`, `?quarter=`."""
    if name not in LISTS or (name == "verification" and not can(request.actor, Action.SDV_READ)):
        raise Http404
    asked = Asked.of(request)
    found = LISTS[name](request.actor, asked)
    context = {
        "name": name,
        "asked": asked,
        "found": found,
        "page": Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page")),
        "words": _words(name, asked),
    }
    return render(request, f"dashboard/{found.template}.html", context)


def _words(name: str, asked: Asked) -> str:
    """Return how a list is narrowed, in words."""
    states = progress.STATES if name == "visits" else sdv_pages.STATES
    parts = [
        _("site %(code)s") % {"code": asked.site} if asked.site else _("all sites"),
        asked.visit,
        said(states[asked.state]) if asked.state else "",
        asked.quarter,
        _("until the end of %(quarter)s") % {"quarter": asked.until} if asked.until else "",
    ]
    return " · ".join(part for part in parts if part)


def _enrolled(by: Actor, asked: Asked) -> Listed:
    codes = {asked.site} if asked.site else {site.code for site in _sites(by)}
    rows = [one for one in progress.enrolled(matrix(by)) if one.site in codes and _within(one, asked)]
    return Listed(_("Subjects enrolled"), rows, "enrolled")


def _within(one: Enrolled, asked: Asked) -> bool:
    quarter = enrolment.quarter_of(one.on)
    return (not asked.quarter or quarter == asked.quarter) and (not asked.until or quarter <= asked.until)


def _visits(by: Actor, asked: Asked) -> Listed:
    if asked.state and asked.state not in progress.STATES:
        raise Http404
    return Listed(_("Visits"), _narrowed(matrix(by), asked), "visits")


def _narrowed(rows: list[SubjectRow], asked: Asked) -> list[VisitLine]:
    return [
        one
        for one in _at(progress.visit_lines(rows, today=clock.today()), asked.site)
        if asked.visit in ("", one.column) and asked.state in ("", one.state)
    ]


def _verification(by: Actor, asked: Asked) -> Listed:
    if asked.state not in sdv_pages.STATES:
        raise Http404
    rows = sdv_pages.listed(by=by, plan=plans.in_force(), state=asked.state, site=asked.site)
    return Listed(_("Pages to verify"), rows, "verification")


LISTS: dict[str, Callable[[Actor, Asked], Listed]] = {
    "enrolled": _enrolled,
    "visits": _visits,
    "verification": _verification,
}


@needs(Action.DASHBOARD_READ)
@require_GET
def visits_file(request: Request) -> HttpResponse:
    """Hand out a list of visits as CSV, for payments; that it was taken is recorded."""
    asked = Asked.of(request)
    if asked.state and asked.state not in progress.STATES:
        raise Http404
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    lines = _narrowed(matrix(request.actor), asked)
    for one in lines:
        day = one.on.isoformat() if one.on else ""
        writer.writerow((one.site, one.enrolled_at, one.usubjid, one.visit, day, one.state))
    detail = {"list": "visits", "filters": asked.address, "rows": len(lines)}
    record_event("list_exported", by=request.actor, detail=detail, site=asked.site or request.actor.site)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    place = f"site-{asked.site}_" if asked.site else ""
    name = f"NCT07277218_visits_{place}{clock.today():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
