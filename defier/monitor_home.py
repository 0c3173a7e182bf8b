"""The monitor's home: answered queries, what has changed after verification, what waits by visit and site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from defier import worklist
from defier.count import Count, ages, queries_answered, queries_open
from protocol.schedule import VISIT
from sites.access import Request
from visits.dossier import LOG
from visits.review import query_lists
from visits.review.query_lists import Wanted
from visits.review.sdv import plan as plans
from visits.review.sdv import standing
from visits.review.sdv.changes import changed

SHORT = 8


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site: what waits at each visit (None: nothing is asked for there), and how much is verified."""

    site: str
    cells: list[standing.Progress | None]
    pending: int
    verified: int
    due: int


def monitor(request: Request) -> dict[str, Any]:
    """Gather what a monitor must do, in as many statements whatever the size of the study."""
    by, plan = request.actor, plans.in_force()
    answered = list(worklist.queries_waiting(by, "ANSWERED"))
    opened = list(query_lists.listed(by=by, wanted=Wanted(show="open")))
    marks = standing.stale_marks(by=by)
    rows = standing.progress(by=by, plan=plan)
    visits = [code for code in (*VISIT, LOG) if any(row.visit == code and row.due for row in rows)]
    due, pending, _stale = standing.counted(rows)
    verify = reverse("verify")
    return {
        "plan": plan,
        "counts": [
            queries_answered(answered),
            Count(
                "stale",
                len(marks),
                _("Changed after verification"),
                _("old and new side by side"),
                f"{verify}?list=stale",
            ),
            Count(
                "to-verify",
                sum(row.pages for row in rows),
                _("Pages to verify"),
                _("%(n)d of %(m)d items") % {"n": pending, "m": due},
                f"{verify}?list=all",
            ),
            queries_open(opened),
        ],
        "answered": answered[:SHORT],
        "answered_count": len(answered),
        "ages": ages(opened),
        "stale": sorted(changed(marks, plan=plan), key=lambda one: one.days)[:SHORT],
        "stale_count": len(marks),
        "visits": visits,
        "lines": [_line(site, rows, visits) for site in sorted({row.site for row in rows})],
        "pages_count": sum(row.pages for row in rows),
        "pending_count": pending,
        "due_count": due,
    }


def _line(site: str, rows: list[standing.Progress], visits: list[str]) -> SiteLine:
    mine = {row.visit: row for row in rows if row.site == site and row.due}
    due, pending, _stale = standing.counted(mine.values())
    return SiteLine(
        site=site,
        cells=[mine.get(visit) for visit in visits],
        pending=pending,
        verified=sum(row.verified for row in mine.values()),
        due=due,
    )
