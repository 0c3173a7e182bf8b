"""Reviewing a list of the trail: who has looked, at what, and what they say of it; kept by name (AUD-14)."""

from __future__ import annotations

from collections.abc import Sequence

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import require
from sites.models import Site
from sites.roles import Action
from visits.trail.history import Wanted
from visits.trail.lists import WORDS, Finding, digest_of
from visits.trail.records import TrailReview

LONGEST = 1000


def record_review(
    name: str, *, found: Sequence[Finding], wanted: Wanted, site: str, subject: str, remark: str, by: Actor
) -> TrailReview:
    """Record that this person has looked through a list as it stands now.

    KeyError for a list that does not exist, ValueError for a remark that is too long.
    """
    require(by, Action.TRAIL_REVIEW, site or None)
    if name not in WORDS:
        raise KeyError(name)
    if len(remark) > LONGEST:
        raise ValueError(f"a remark has at most {LONGEST} characters")
    with acting(by=by):
        return TrailReview.objects.create(
            list=name,
            site=Site.objects.filter(pk=site).first() if site else None,
            filters=_filters(wanted, subject),
            found=len(found),
            digest=digest_of(found),
            until=clock.now(),
            remark=remark.strip(),
            by_id=by.user_id or "",
            by_name=by.name,
            by_role=by.role,
            at=clock.now(),
        )


def last_review(name: str, *, site: str) -> TrailReview | None:
    """Return the newest review of a list as a whole, at a site or everywhere, that no filter narrowed."""
    done = TrailReview.objects.filter(list=name, filters={})
    return done.filter(site_id=site or None).first()


def reviews_of(name: str, *, by: Actor) -> list[TrailReview]:
    """Return the reviews of a list that concern what this person sees, newest first."""
    done = TrailReview.objects.filter(list=name).select_related("site")
    if by.site:
        done = done.filter(site_id=by.site)
    return list(done[:20])


def _filters(wanted: Wanted, subject: str) -> dict[str, str]:
    given = {
        "user": wanted.user,
        "item": wanted.item,
        "form": wanted.form,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
        "subject": subject,
    }
    return {name: text for name, text in given.items() if text}
