"""The data manager's home: what stands in the way of a lock by owner, how often checks ask, candidates."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from defier import worklist
from defier.count import Count, ages, pages_unfinished, queries_answered, queries_open
from sites.access import Request
from visits.overview.matrix import matrix
from visits.review import query_lists
from visits.review.blockers import Rehearsal, rehearse
from visits.review.check_rates import Rate, rates
from visits.review.query_lists import Wanted

SHORT = 8


def data_manager(request: Request, show: str) -> dict[str, Any]:
    """Gather what a data manager must see to."""
    by = request.actor
    rows = matrix(by)
    answered = list(worklist.queries_waiting(by, "ANSWERED"))
    opened = list(query_lists.listed(by=by, wanted=Wanted(show="open")))
    unfinished = worklist.unfinished(rows, by)
    late = [
        (row, cell)
        for row in rows
        for cell in row.cells
        if cell.mark.sign == "overdue" and not cell.facts.entered
    ]
    rehearsal = rehearse(by=by)
    checks = rates(by=by)
    return {
        "counts": [
            blocked(rehearsal),
            candidates(checks),
            queries_answered(answered),
            queries_open(opened),
            pages_unfinished(unfinished),
            Count(
                "overdue",
                len(late),
                _("Visits overdue"),
                _("not entered"),
                f"{reverse('home')}?show=overdue#late",
            ),
        ],
        "rehearsal": rehearsal,
        "checks": most_asking(checks),
        "answered": answered[:SHORT],
        "answered_count": len(answered),
        "ages": ages(opened),
        "unfinished": unfinished if show == "unfinished" else unfinished[:SHORT],
        "unfinished_count": len(unfinished),
        "late": late if show == "overdue" else late[:SHORT],
        "late_count": len(late),
        "total": len(rows),
    }


def blocked(rehearsal: Rehearsal) -> Count:
    """Return how much stands in the way of a lock of everything."""
    clean = _("%(n)d of %(m)d clean") % {"n": rehearsal.clean, "m": rehearsal.subjects}
    return Count("locked", rehearsal.total, _("Blockers to lock"), clean, reverse("blockers"))


def candidates(checks: list[Rate]) -> Count:
    """Return how many queries wait to be released."""
    number = sum(one.candidates for one in checks)
    below = _("wait for your release") if number else _("none")
    return Count("candidate", number, _("Candidate queries"), below, f"{reverse('queries')}?show=candidates")


def most_asking(checks: list[Rate]) -> list[Rate]:
    """Return the checks that ask on the greatest share of their pages, those that have asked at all."""
    asked = [one for one in checks if one.queries]
    return sorted(asked, key=lambda one: (-(one.percent or 0), -one.queries, one.check.id))[:SHORT]
