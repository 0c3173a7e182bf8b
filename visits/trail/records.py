"""Records of people at the trail: reviews of its lists, and redactions that two people agree on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from audit import clock
from visits.models import OfSubject, Page


class TrailReview(models.Model):
    """One person has looked through one list of the trail, as it stood, and says so by name; never changed.

    `filters` is what narrowed the list, `found` how many lines it had, `digest` the SHA-256 of their keys,
    `until` the moment up to which the trail had been read; `method` how the person proved to be themselves.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    list = models.CharField(max_length=24)
    site = models.ForeignKey("sites.Site", models.PROTECT, null=True, related_name="+", db_constraint=False)
    filters = models.JSONField(default=dict)
    found = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    until = models.DateTimeField()
    remark = models.TextField(blank=True, default="")
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    method = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["list", "-at"], name="trailreview_list")]

    def __str__(self) -> str:
        return f"{self.list}, {self.by_name}"


class Redaction(OfSubject):
    """A value that should never have been written: asked for, agreed by a second person, then taken out.

    `n` names the entry of the subject's chain whose `item` holds it; the value itself is not repeated here.
    """

    class State(models.TextChoices):
        ASKED = "ASKED"
        AGREED = "AGREED"
        REFUSED = "REFUSED"
        DONE = "DONE"

    page = models.ForeignKey(Page, models.PROTECT, related_name="+", db_constraint=False)
    n = models.BigIntegerField()
    item = models.CharField(max_length=40)
    reason = models.TextField()
    state = models.CharField(max_length=8, default=State.ASKED)
    asked_by_id = models.CharField(max_length=36)
    asked_by_name = models.CharField(max_length=120)
    asked_by_role = models.CharField(max_length=20)
    asked_at = models.DateTimeField(default=clock.now)
    settled_by_id = models.CharField(max_length=36, blank=True, default="")
    settled_by_name = models.CharField(max_length=120, blank=True, default="")
    settled_by_role = models.CharField(max_length=20, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["-asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "AGREED", "REFUSED", "DONE"]), name="redaction_state"
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED") | ~Q(asked_by_id=models.F("settled_by_id")),
                name="redaction_needs_two",
            ),
            models.UniqueConstraint(
                fields=["subject", "n", "item"],
                condition=Q(state__in=["ASKED", "AGREED"]),
                name="redaction_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"redaction of {self.item}, {self.state}"
