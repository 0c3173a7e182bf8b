"""What two people do together: a final lock that is proposed and confirmed, an unlock that is granted."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from audit import clock
from visits.models import Lock, OfSubject, Page, Visit


class LockProposal(models.Model):
    """A lock of the study, or the lifting of an interim one: proposed by one person, confirmed by another."""

    class Act(models.TextChoices):
        LOCK = "lock"
        LIFT = "lift"

    class State(models.TextChoices):
        PROPOSED = "PROPOSED"
        CONFIRMED = "CONFIRMED"
        WITHDRAWN = "WITHDRAWN"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.CharField(max_length=8, choices=Act.choices)
    lock = models.ForeignKey(Lock, models.PROTECT, null=True, related_name="proposals")
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    decided_by_id = models.CharField(max_length=36, blank=True, default="")
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="CONFIRMED") | (~Q(decided_by_id="") & ~Q(decided_by_id=F("by_id"))),
                name="proposal_of_two_people",
            ),
            models.UniqueConstraint(
                fields=["act", "lock"],
                condition=Q(state="PROPOSED"),
                name="proposal_stands_once",
                nulls_distinct=False,
            ),
        ]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"proposal to {self.act}"


class LockSignature(models.Model):
    """One of the two signatures under a lock of the study: who, when, in which meaning, and under which data.

    `content` is the digest of every standing page as it was then, `pages` how many there were. Both people
    sign the same content, or the lock is not made; later it says whether the data are still those.
    """

    class Meaning(models.TextChoices):
        PROPOSED = "PROPOSED"
        CONFIRMED = "CONFIRMED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(LockProposal, models.PROTECT, related_name="signatures")
    meaning = models.CharField(max_length=10, choices=Meaning.choices)
    content = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    method = models.CharField(max_length=20)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["proposal", "meaning"], name="lock_signed_once_in_a_meaning"),
            models.UniqueConstraint(fields=["proposal", "by_id"], name="lock_signed_once_by_a_person"),
            models.CheckConstraint(condition=~Q(by_id=""), name="lock_signed_by_a_person"),
        ]
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.meaning} by {self.by_name}"


class Unlock(OfSubject):
    """An opening in what is locked: asked for by one person, granted by another, shut when its time is over.

    The database itself stops heeding it at `until`; the job of relocking writes what was changed meanwhile
    into `changes`: {page, form, visit, item, old, new, by, at} each, from the trail.
    """

    class State(models.TextChoices):
        ASKED = "ASKED"
        GRANTED = "GRANTED"
        REFUSED = "REFUSED"
        RELOCKED = "RELOCKED"

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="unlocks")
    level = models.CharField(max_length=8, choices=Lock.Level.choices)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", db_constraint=False)
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+", db_constraint=False)
    item = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField()
    days = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    decided_by_id = models.CharField(max_length=36, blank=True, default="")
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    relocked_at = models.DateTimeField(null=True)
    changes = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(level="subject", visit=None, page=None, item="")
                | Q(level="visit", visit__isnull=False, page=None, item="")
                | Q(level="page", visit=None, page__isnull=False, item="")
                | (Q(level="item", visit=None, page__isnull=False) & ~Q(item="")),
                name="unlock_has_its_scope",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "REFUSED"])
                | (~Q(decided_by_id="") & ~Q(decided_by_id=F("by_id")) & Q(until__isnull=False)),
                name="unlock_of_two_people",
            ),
            models.UniqueConstraint(
                fields=["level", "subject", "visit", "page", "item"],
                condition=Q(state__in=["ASKED", "GRANTED"]),
                name="unlock_stands_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["subject"], condition=Q(state="GRANTED"), name="unlock_granted")]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"unlock of {self.level}"
