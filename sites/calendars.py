"""What leaves the system by itself: calendar feeds by secret address, and reminders by mail.

A feed's address holds a random token of which only the SHA-256 is stored; it stops working when it is
revoked and when its owner no longer works at the site. Neither carries a clinical value (PRI-07).
"""

from __future__ import annotations

import hashlib
import secrets
import uuid

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import require
from sites.models import Site, User
from sites.roles import Action

TOKEN_BYTES = 32
KINDS = ("closing", "overdue", "queries", "sae")
"""What a person can be reminded of: visits closing, visits overdue, old queries, clocks of serious events."""


class CalendarFeed(models.Model):
    """A secret address under which a calendar program reads one site's visit windows, for one person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("sites.User", models.PROTECT, related_name="calendar_feeds")
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "site"], condition=Q(revoked_at=None), name="calendar_feed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.site_id}"


class Reminder(models.Model):
    """A mail of reminders that was sent to a person on a day: the numbers it held, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("sites.User", models.PROTECT, related_name="+")
    day = models.DateField()
    counts = models.JSONField(default=dict)
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


def digest_of(token: str) -> str:
    """Return what is stored of a token; it is random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def open_feed(*, site: Site, by: Actor) -> str:
    """Give a person a new secret address for a site and return its token, which is shown once.

    An address that the person had for the site stops working. PermissionDenied for who sees no subject there.
    """
    require(by, Action.SUBJECT_READ, site.code)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with acting(by=by):
        _revoke(by, site)
        feed = CalendarFeed(user_id=by.user_id or "", site=site, token_digest=digest_of(token))
        feed.save(force_insert=True)
    return token


def close_feed(*, site: Site, by: Actor) -> None:
    """Let one's own secret address for a site stop working."""
    with acting(by=by):
        _revoke(by, site)


def _revoke(by: Actor, site: Site) -> None:
    if by.user_id is None:
        raise PermissionDenied("Feeds belong to people")
    User.objects.select_for_update().get(pk=by.user_id)
    CalendarFeed.objects.filter(user_id=by.user_id, site=site, revoked_at=None).update(revoked_at=clock.now())


def feed_of(token: str) -> CalendarFeed | None:
    """Return the standing feed of a token, None where there is none."""
    return (
        CalendarFeed.objects.select_related("user", "site")
        .filter(token_digest=digest_of(token), revoked_at=None, user__is_active=True)
        .first()
    )
