"""A subject: a number that is given once, and never changes or is used again (protocol §1.4).

And what can happen to a subject as a whole: voided as created in error, transferred to another site.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import clock
from protocol import identifiers


class Subject(models.Model):
    """One subject; no name, initials or record number exists (PRI-01).

    `site` is where the subject is followed now: who works there sees and enters. The site that enrolled the
    subject stands in the number for good (`enrolled_at`) and is the stratum of every analysis. A voided
    subject was created in error: it counts nowhere, and its number is never used again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="subjects")
    seq = models.PositiveSmallIntegerField()
    usubjid = models.CharField(max_length=20, unique=True)
    screening_no = models.CharField(max_length=8, unique=True)
    created = models.DateTimeField(default=clock.now)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "id"], name="subject_address"),
        ]
        ordering = ["usubjid"]

    def __str__(self) -> str:
        return self.usubjid

    @property
    def enrolled_at(self) -> str:
        """The code of the site that enrolled the subject, as the number says it."""
        return identifiers.enrolling_site(self.usubjid)

    @property
    def is_transferred(self) -> bool:
        """Whether the subject is followed at another site than the one that enrolled."""
        return self.enrolled_at != self.site_id


class Voiding(models.Model):
    """One act of voiding a subject, and of restoring it where that came.

    `pages` and `queries` are what the act took out, so that restoring brings back exactly that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+", db_constraint=False)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="voidings", db_constraint=False)
    reason = models.TextField()
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    pages = ArrayField(models.UUIDField(), default=list)
    queries = ArrayField(models.UUIDField(), default=list)
    restored_at = models.DateTimeField(null=True)
    restored_by = models.CharField(max_length=120, blank=True, default="")
    restored_reason = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(restored_at=None), name="voiding_stands_once"
            )
        ]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"voiding of {self.subject_id}"


class Transfer(models.Model):
    """A subject's move to another site: one administrator proposes, another accepts (protocol §3.33).

    `site` is where the subject is now, as in every row of a subject; `from_site` and `to_site` stay.
    """

    class State(models.TextChoices):
        PROPOSED = "PROPOSED"
        ACCEPTED = "ACCEPTED"
        DECLINED = "DECLINED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+", db_constraint=False)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="transfers", db_constraint=False)
    from_site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+")
    to_site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+")
    on = models.DateField()
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by_id = models.CharField(max_length=36)
    proposed_by = models.CharField(max_length=120)
    proposed_at = models.DateTimeField(default=clock.now)
    decided_by_id = models.CharField(max_length=36, blank=True, default="")
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="PROPOSED"), name="transfer_proposed_once"
            ),
            models.CheckConstraint(condition=~Q(from_site=models.F("to_site")), name="transfer_moves"),
            models.CheckConstraint(
                condition=~Q(state="ACCEPTED") | ~Q(decided_by_id=models.F("proposed_by_id")),
                name="transfer_by_two_people",
            ),
        ]
        ordering = ["-proposed_at"]

    def __str__(self) -> str:
        return f"{self.subject_id} from {self.from_site_id} to {self.to_site_id}"
