"""Subjects by visit in the browser: one sign per cell, filters as links, the next step in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from audit import clock
from protocol.codelists import COHORT
from protocol.schedule import VISITS
from sites.access import Request, can, needs
from sites.reader import said
from sites.roles import Action
from subjects.status import Status
from visits.arranging.voiding import voided_visible
from visits.overview.matrix import SubjectRow, matrix
from visits.overview.status import GROUNDS, PRECEDENCE, acts_of

SHOWN = ("all", "needs", *GROUNDS, "query-answered", "broken", "to-sign")
SETTLED = ("locked", "signed", "complete", "missed", "not-yet", "not-expected")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: the visit and its window in days."""

    code: str
    window: str


@dataclass(frozen=True, slots=True)
class Link:
    """One filter as a link: what it says, where it leads, whether it is chosen."""

    words: str
    query: str
    here: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the address."""

    show: str
    cohort: str
    status: str
    site: str

    def with_(self, **changed: str) -> str:
        """Return the query string with some filters changed; those without effect are left out."""
        values = {"show": self.show, "cohort": self.cohort, "status": self.status, "site": self.site}
        values |= changed
        kept = {name: value for name, value in values.items() if value and value != "all"}
        return f"?{urlencode(kept)}"


@needs(Action.SUBJECT_READ)
@require_GET
def subjects(request: Request) -> HttpResponse:
    """Show the matrix; `?show=` a sign or needs, `&cohort=`, `&status=`, `&site=`."""
    actor = request.actor
    cohorts = can(actor, Action.COHORT_READ)
    chosen = _chosen(request, cohorts=cohorts)
    rows = matrix(actor)
    acts = acts_of(actor)
    kept = [row for row in rows if _keeps(row, chosen)]
    context = {
        "rows": kept,
        "total": len(rows),
        "chosen": chosen,
        "cohorts": cohorts,
        "heads": heads(),
        "today": clock.today(),
        "shows": _shows(rows, chosen, acts),
        "cohort_links": _links(chosen, "cohort", {code: COHORT.decode(code) for code in COHORT.codes}),
        "status_links": _links(chosen, "status", {status.value: status.label for status in Status}),
        "sites": _sites(rows, chosen),
        "todo_signs": [sign for sign in PRECEDENCE if sign in acts],
        "settled_signs": other_signs(acts),
        "may_add": can(actor, Action.SUBJECT_SCREEN),
        "voided": voided_visible(by=actor).count() if can(actor, Action.VOIDED_READ) else 0,
    }
    return render(request, "visits/matrix.html", context)


def other_signs(acts: frozenset[str]) -> list[str]:
    """Return the signs that a reader meets and that are not this reader's work, in order."""
    seen = {*SETTLED, *(GROUNDS.keys() - {"query-open"})}
    return [sign for sign in PRECEDENCE if sign in seen - acts]


def _chosen(request: Request, *, cohorts: bool) -> Chosen:
    given = request.GET.get
    chosen = Chosen(given("show", "all"), given("cohort", ""), given("status", ""), given("site", ""))
    if chosen.show not in SHOWN or (chosen.status and chosen.status not in Status.__members__):
        raise Http404
    if chosen.cohort and (chosen.cohort not in COHORT.codes or not cohorts):
        raise Http404
    return chosen


def _keeps(row: SubjectRow, chosen: Chosen) -> bool:
    if chosen.cohort and row.known.planned_cohort != chosen.cohort:
        return False
    if chosen.status and row.status != chosen.status:
        return False
    if chosen.site and row.subject.site_id != chosen.site:
        return False
    return chosen.show == "all" or _shows_sign(row, chosen.show)


def _shows_sign(row: SubjectRow, sign: str) -> bool:
    return any(cell.mark.todo and (sign in ("needs", cell.mark.sign)) for cell in row.cells)


def _shows(rows: list[SubjectRow], chosen: Chosen, acts: frozenset[str]) -> list[Link]:
    links = [Link(_("All subjects"), chosen.with_(show="all"), chosen.show == "all", len(rows))]
    if acts:
        count = sum(_shows_sign(row, "needs") for row in rows)
        links.append(Link(_("Needs me"), chosen.with_(show="needs"), chosen.show == "needs", count))
    return links


def _links(chosen: Chosen, name: str, choices: dict) -> list[Link]:
    now = getattr(chosen, name)
    return [
        Link(_("any"), chosen.with_(**{name: ""}), not now),
        *(Link(said(label), chosen.with_(**{name: code}), now == code) for code, label in choices.items()),
    ]


def _sites(rows: list[SubjectRow], chosen: Chosen) -> list[Link]:
    codes = sorted({row.subject.site_id for row in rows})
    if len(codes) < 2:
        return []
    return [
        Link(_("any"), chosen.with_(site=""), not chosen.site),
        *(Link(code, chosen.with_(site=code), chosen.site == code) for code in codes),
    ]


def heads() -> list[Head]:
    """Return the columns: visit code, and its window in days from the index procedure."""
    return [Head(visit.code, _window(visit.code, visit.lo, visit.hi)) for visit in VISITS]


def _window(code: str, lo: int | None, hi: int | None) -> str:
    if code == "UNS":
        return _("any day")
    if lo is None or hi is None:
        return ""
    if lo == hi:
        return str(lo)
    return _("−%(a)d to %(b)d") % {"a": -lo, "b": hi} if lo < 0 else f"{lo}–{hi}"


def next_step(row: SubjectRow, today: date) -> tuple[str, str]:
    """Return the next step in words, and the class that tells how pressing it is."""
    cell = row.awaited()
    if cell is None or row.day is None or cell.facts.opens is None or cell.facts.closes is None:
        return "", ""
    if today < cell.facts.opens:
        return _("%(visit)s opens %(day)s") % {"visit": cell.column, "day": cell.facts.opens}, "muted"
    left = (cell.facts.closes - today).days
    if left < 0:
        return _("%(visit)s %(n)d d late") % {"visit": cell.column, "n": -left}, "late"
    return _("%(visit)s closes in %(n)d d") % {"visit": cell.column, "n": left}, ""
