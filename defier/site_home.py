"""A site's home: visits that press, queries, unfinished pages, endpoints at risk; what waits to be signed."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from defier import worklist
from defier.count import Count, oldest, pages_unfinished
from defier.judging import ToJudge, to_judge
from defier.risk import at_risk
from sites import reader
from sites.access import Request, can
from sites.roles import Action
from visits.capture.autosaves import drafts_of
from visits.overview.matrix import matrix
from visits.overview.matrix_view import heads, other_signs
from visits.overview.status import PRECEDENCE, acts_of
from visits.review.signing.waiting import Waiting, waiting

SHORT = 8


def site(request: Request, show: str) -> dict[str, Any]:
    """Gather what a coordinator or an investigator must do."""
    actor, today = request.actor, clock.today()
    rows = matrix(actor)
    due = worklist.visits_due(rows, today)
    unfinished = worklist.unfinished(rows, actor)
    risks = at_risk(rows, reader.language())
    queries = list(worklist.queries_waiting(actor, "OPEN"))
    acts, drafts = acts_of(actor), drafts_of(by=actor)
    mine = [row for row in rows if row.todo]
    judges = can(actor, Action.ELIGIBILITY_CONFIRM)
    confirm = worklist.to_confirm(actor) if judges else None
    judge = to_judge(actor) if judges else None
    signable = waiting(actor) if can(actor, Action.SIGN) else None
    chosen = [one for one in due if one.cell.mark.sign == show] if show in worklist.PRESSING else due
    return {
        "counts": _counts(confirm, judge, signable, _site_counts(due, queries, unfinished, risks)),
        "due": chosen if show in (*worklist.PRESSING, "visits") else due[: SHORT + 2],
        "due_count": len(chosen),
        "queries": queries if show == "queries" else queries[:SHORT],
        "query_count": len(queries),
        "drafts": drafts if show == "drafts" else drafts[:SHORT],
        "draft_count": len(drafts),
        "unfinished": unfinished if show == "unfinished" else unfinished[:SHORT],
        "unfinished_count": len(unfinished),
        "risks": risks if show == "risk" else risks[:SHORT],
        "risk_count": len(risks),
        "confirm": confirm,
        "judge": judge,
        "rows": mine[:SHORT],
        "mine_count": len(mine),
        "total": len(rows),
        "cohorts": can(actor, Action.COHORT_READ),
        "heads": heads(),
        "todo_signs": [sign for sign in PRECEDENCE if sign in acts],
        "settled_signs": other_signs(acts),
        "next": _next([*(judge or []), *(confirm or []), *due], queries, unfinished),
        "may_add": can(actor, Action.SUBJECT_SCREEN),
    }


def _counts(
    confirm: list[worklist.Unfinished] | None,
    judge: list[ToJudge] | None,
    signable: list[Waiting] | None,
    of_site: list[Count],
) -> list[Count]:
    """Return the head line: a coordinator's six numbers; an investigator's own come before the others."""
    if confirm is None or judge is None or signable is None:
        return of_site
    ready, broken = (sum(bool(getattr(one, what)) for one in signable) for what in ("ready", "broken"))
    console = reverse("signing")
    here = reverse("home")
    own = [
        Count(
            "to-sign",
            len(confirm),
            _("Eligibility to confirm"),
            _("concluded, not confirmed"),
            f"{here}?show=confirm#confirm",
        ),
        Count(
            "to-sign",
            ready,
            _("Visits to sign"),
            _("pages complete, no query open"),
            f"{console}?show=ready",
        ),
        Count(
            "broken",
            broken,
            _("Visits with broken signatures"),
            _("changed since they were signed"),
            f"{console}?show=broken",
        ),
        Count("ask", len(judge), _("SAEs to judge"), _("relation not answered"), f"{here}?show=judge#judge"),
    ]
    return own + [count for count in of_site if count.sign not in ("closing", "due")]


def _next(first: list[Any], queries: list[Any], unfinished: list[Any]) -> str:
    """Return the address of the next thing to do: own judgements, visits, queries, then open pages."""
    if first:
        return first[0].url
    return reverse("query", args=[queries[0].pk]) if queries else unfinished[0].url if unfinished else ""


def _site_counts(due: list, queries: list, unfinished: list, risks: list) -> list[Count]:
    number = {sign: sum(one.cell.mark.sign == sign for one in due) for sign in worklist.PRESSING}
    here = reverse("home")
    return [
        Count(
            "overdue",
            number["overdue"],
            _("Visits overdue"),
            _("window closed, no entry"),
            f"{here}?show=overdue#visits",
        ),
        Count(
            "closing",
            number["closing"],
            _("Windows closing"),
            _("within 14 days"),
            f"{here}?show=closing#visits",
        ),
        Count("due", number["due"], _("Visits due"), _("window open"), f"{here}?show=due#visits"),
        Count(
            "query-open",
            len(queries),
            _("Queries to answer"),
            oldest(queries),
            f"{reverse('queries')}?show=open",
        ),
        pages_unfinished(unfinished),
        Count(
            "target",
            len(risks),
            _("Endpoint data at risk"),
            _("what can still be saved"),
            f"{here}?show=risk#risk",
        ),
    ]
