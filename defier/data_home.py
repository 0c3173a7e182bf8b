"""The data manager's home: what stands in the way of a lock by owner, how often checks ask, candidates."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from defier import worklist
from defier.count import Count, ages, oldest
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
    here, queries = reverse("home"), reverse("queries")
    return {
        "counts": [
            blocked(rehearsal),
            Count(
                "candidate",
                candidates := sum(one.candidates for one in checks),
                _("Candidate queries"),
                _("wait for your release") if candidates else _("none"),
                f"{queries}?show=candidates",
            ),
            Count(
                "query-answered",
                len(answered),
                _("Queries answered"),
                oldest(answered),
                f"{queries}?show=answered",
            ),
            Count(
                "query-open",
                len(opened),
                _("Queries open"),
                oldest(sorted(opened, key=lambda one: one.opened_at)),
                f"{queries}?show=open",
            ),
            Count(
                "incomplete",
                len(unfinished),
                _("Unfinished pages"),
                _("items missing"),
                f"{here}?show=unfinished#unfinished",
            ),
            Count(
                "overdue",
                len(late),
                _("Visits overdue"),
                _("not entered"),
                f"{here}?show=overdue#late",
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


def most_asking(checks: list[Rate]) -> list[Rate]:
    """Return the checks that ask on the greatest share of their pages, those that have asked at all."""
    asked = [one for one in checks if one.queries]
    return sorted(asked, key=lambda one: (-(one.percent or 0), -one.queries, one.check.id))[:SHORT]
