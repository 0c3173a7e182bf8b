"""What was typed and not saved: the acts of keeping it, the drafts that are open, who has a page open now.

Autosaves are records (AUD-18): append-only and in the trail. Drafts point at the last autosave of each form
that is still open, and say no more than can be made again from the autosaves.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from audit import clock
from audit.actors import Actor
from visits.models import OfSubject


class Place(OfSubject):
    """One form of one subject at a visit (empty: a log), as one person had it open."""

    visit = models.CharField(max_length=8, blank=True, default="")
    form = models.CharField(max_length=8)
    author_id = models.CharField(max_length=36)

    class Meta:
        abstract = True


class Autosave(Place):
    """One act on what somebody typed: kept, submitted by a save, or discarded. Never changed afterwards.

    `key` is the one-time key of the form that it was typed into, `revisions` the revision of each of its
    records when the form was opened, `typed` each box as it stood: {name: [texts]}.
    """

    class Act(models.TextChoices):
        KEPT = "KEPT"
        SUBMITTED = "SUBMITTED"
        DISCARDED = "DISCARDED"

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]  # in their order
    key = models.UUIDField()
    act = models.CharField(max_length=10)
    typed = models.JSONField(default=dict)
    revisions = models.JSONField(default=dict)
    author_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "form", "visit"], name="autosave_place"),
            models.Index(fields=["key"], name="autosave_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(act__in=["KEPT", "SUBMITTED", "DISCARDED"]), name="autosave_act"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.key}"


class Draft(Place):
    """A form whose typing is neither submitted nor discarded; `last` is the autosave that holds it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, db_column="key")
    last = models.ForeignKey(Autosave, models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["author_id", "subject"], name="draft_author"),
            models.Index(fields=["subject", "form", "visit"], name="draft_place"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Presence(Place):
    """A form that somebody has open: since when, typing since when, and when it was last heard of."""

    id = models.UUIDField(primary_key=True, editable=False, db_column="key")
    author_name = models.CharField(max_length=120)
    since = models.DateTimeField(default=clock.now)
    typing_since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["subject", "form", "visit"], name="presence_place")]

    def __str__(self) -> str:
        return str(self.id)


def submit(key: uuid.UUID, saved: dict[str, Any], *, by: Actor) -> None:
    """Keep what a save answered to a form, and record that it has submitted its draft, if there is one.

    One statement, in the save's transaction: every save with a key pays for it.
    """
    told = json.dumps(saved, cls=DjangoJSONEncoder)
    author, now = by.user_id or "", clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH sent AS (INSERT INTO visits_submission (key, user_id, saved, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING), gone AS ("
            "DELETE FROM visits_draft WHERE key = %s AND author_id = %s RETURNING *)"
            " INSERT INTO visits_autosave (site_id, subject_id, visit, form, key, act, typed, revisions,"
            " author_id, author_name, at)"
            " SELECT site_id, subject_id, visit, form, key, %s, '{}', '{}', author_id, %s, %s FROM gone",
            [key, author, told, now, key, author, Autosave.Act.SUBMITTED, by.name, now],
        )
