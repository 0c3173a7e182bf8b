"""Who has a page open for entry right now, so that two people see each other before they type the same.

A hint and no more: nobody waits for anybody (peers §2.1). Who may only read is never counted. A form that
has not been heard of for a minute counts as left, whatever became of its session.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from audit import clock
from audit.actors import Actor
from sites.access import require
from subjects.models import Subject
from visits.capture.save import action_for
from visits.capture.unsaved import Presence

LEFT_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else on the page: since when, and since when typing, if at all."""

    name: str
    since: datetime
    typing_since: datetime | None


def here(
    subject: Subject, *, visit: str | None, form: str, key: uuid.UUID, typing: bool, by: Actor
) -> list[Colleague]:
    """Note that a form is open, and return who else has this page open; one statement each.

    Raises PermissionDenied for who may not enter data on this page.
    """
    require(by, action_for(form), subject.site_id)
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO visits_presence (key, site_id, subject_id, visit, form, author_id, author_name,"
            " since, typing_since, seen_at)"
            " VALUES (%(key)s, %(site)s, %(subject)s, %(visit)s, %(form)s, %(by)s, %(name)s,"
            " %(now)s, CASE WHEN %(typing)s THEN %(now)s::timestamptz END, %(now)s)"
            " ON CONFLICT (key) DO UPDATE SET seen_at = EXCLUDED.seen_at, typing_since ="
            " CASE WHEN %(typing)s THEN coalesce(visits_presence.typing_since, EXCLUDED.seen_at) END"
            " WHERE visits_presence.author_id = EXCLUDED.author_id",
            {
                "key": key,
                "site": subject.site_id,
                "subject": subject.pk,
                "visit": visit or "",
                "form": form,
                "by": by.user_id or "",
                "name": by.name,
                "now": now,
                "typing": typing,
            },
        )
    return others(subject, visit=visit, form=form, by=by)


def others(subject: Subject, *, visit: str | None, form: str, by: Actor) -> list[Colleague]:
    """Return who else has a page open for entry, each person once, in one statement."""
    seen = Presence.objects.filter(
        subject=subject, visit=visit or "", form=form, seen_at__gt=clock.now() - LEFT_AFTER
    ).exclude(author_id=by.user_id)
    people: dict[str, Colleague] = {}
    for one in seen.order_by("typing_since", "since"):
        people.setdefault(one.author_id, Colleague(one.author_name, one.since, one.typing_since))
    return list(people.values())


def leave(*, key: uuid.UUID, by: Actor) -> None:
    """Note that a form was left, and forget those that were left without a word."""
    Presence.objects.filter(pk=key, author_id=by.user_id).delete()
    Presence.objects.filter(seen_at__lt=clock.now() - 60 * LEFT_AFTER).delete()
