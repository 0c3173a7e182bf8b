"""The inspector's home: until when everything may be read, how much there is of it, where the trail is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit.actors import Actor
from defier.count import Count
from sites.access import Request
from subjects.fetch import subjects_visible
from visits.arranging.voiding import voided_visible
from visits.review.blockers import rehearse
from visits.review.queries import queries_visible
from visits.review.query_lists import LISTS
from visits.review.sdv import standing
from visits.safety.clocks import sae_clocks
from visits.trail import lists


def inspector(request: Request, show: str) -> dict[str, Any]:
    """Gather what there is to read; nothing can be changed."""
    by = request.actor
    rehearsal = rehearse(by=by)
    broken = next(count.number for count in rehearsal.counts if count.kind.code == "BROKEN")
    return {
        "until": _until(request),
        "counts": _counts(by, broken),
        "rehearsal": rehearsal,
        "trails": [(name, title, purpose) for name, (title, purpose) in lists.WORDS.items()],
    }


def _counts(by: Actor, broken: int) -> list[Count]:
    queries = queries_visible(by=by).filter(LISTS["all"]).count()
    return [
        Count(
            "history",
            subjects_visible(by).count(),
            _("Subjects"),
            _("their pages, with history"),
            reverse("subjects"),
        ),
        Count(
            "query-open",
            queries,
            _("Queries, closed ones too"),
            _("with every step"),
            f"{reverse('queries')}?show=all",
        ),
        Count(
            "warning",
            len(sae_clocks(by=by)),
            _("Serious adverse events"),
            _("with their reporting times"),
            f"{reverse('safety')}?show=all",
        ),
        Count(
            "broken",
            broken,
            _("Signatures broken"),
            _("changed since they were signed"),
            f"{reverse('blockers')}?what=BROKEN",
        ),
        Count(
            "stale",
            len(standing.stale_marks(by=by)),
            _("Changed after verification"),
            _("old and new side by side"),
            f"{reverse('verify')}?list=stale",
        ),
        Count(
            "missed",
            voided_visible(by=by).count(),
            _("Voided subjects"),
            _("created in error; they count nowhere"),
            reverse("voided"),
        ),
    ]


def _until(request: Request) -> Any:
    """Return the last day of the role that is chosen; None where it has none."""
    by = request.actor
    held = [one for one in request.memberships if (one.role, one.site_id) == (by.role, by.site)]
    return held[0].to_date if held else None
