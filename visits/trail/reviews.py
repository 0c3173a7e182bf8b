"""Reviewing a list of the trail: who has looked, at what, and what they say of it; signed (AUD-14)."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import require
from sites.models import Site
from sites.roles import Action
from visits.review.signing.acts import Proven
from visits.trail.history import Wanted
from visits.trail.lists import WORDS, Finding, digest_of
from visits.trail.records import TrailReview

LONGEST = 1000


class ListMoved(Exception):
    """The list holds something else than what the reviewer was shown: nothing was recorded."""


def record_review(
    name: str,
    *,
    found: Sequence[Finding],
    seen: str,
    wanted: Wanted,
    site: str,
    subject: str,
    remark: str,
    by: Actor,
    proven: Proven,
) -> TrailReview:
    """Record under this person's signature that they have looked through a list as it stands now.

    `seen` is the digest of what they were shown. Raises ListMoved where the list is another by now, KeyError
    for a list that does not exist, ValueError for a remark that is too long, PermissionDenied for another's
    proof.
    """
    require(by, Action.TRAIL_REVIEW, site or None)
    if proven.user_id != by.user_id:
        raise PermissionDenied
    if name not in WORDS:
        raise KeyError(name)
    if len(remark) > LONGEST:
        raise ValueError(f"a remark has at most {LONGEST} characters")
    if seen != digest_of(found):
        raise ListMoved
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
            method=proven.method,
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
