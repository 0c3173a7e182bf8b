"""What source data verification keeps: plans, verified values, visit reports.

A verification keeps the value that was verified, so that whether it still holds is computed by comparing it
with what is stored, whichever way that was changed (design §3.9).
"""

import uuid

from django.db import models
from django.db.models import Q

from audit import clock
from audit.models import ExactJSONField
from visits.models import OfSubject, Page


class Plan(models.Model):
    """What has to be verified, from when it was made until the next one; never changed afterwards.

    `critical`: by address ("fu.vital_status") the purposes that read it; `rules` as in its module `plan`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveSmallIntegerField(unique=True)
    seed = models.CharField(max_length=64)
    critical = models.JSONField(default=dict)
    rules = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "visits_sdvplan"
        default_permissions = ()
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"SDV plan {self.number}"


class Verification(OfSubject):
    """One item of one page, found to agree with its source; `value` as stored then.

    It stands until it is made anew, withdrawn, or void because the item is no longer asked (`ended_as`).
    """

    class Ended(models.TextChoices):
        AGAIN = "AGAIN"
        WITHDRAWN = "WITHDRAWN"
        VOID = "VOID"

    page = models.ForeignKey(Page, models.PROTECT, related_name="verifications", db_constraint=False)
    item = models.CharField(max_length=40)
    value = ExactJSONField()
    revision = models.PositiveIntegerField()
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, blank=True, default="", choices=Ended.choices)
    ended_by = models.CharField(max_length=120, blank=True, default="")
    ended_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        db_table = "visits_verification"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["page", "item"], condition=Q(ended_at=None), name="verification_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_as="") | (Q(ended_at__isnull=False) & ~Q(ended_as="")),
                name="verification_ends_as",
            ),
        ]
        indexes = [models.Index(fields=["site", "at"], name="verification_by_site")]

    def __str__(self) -> str:
        return f"verification of {self.item}"


class VisitReport(models.Model):
    """A monitoring visit of one site, from day to day, and its report once a job has rendered it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    remarks = models.TextField(blank=True, default="")
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    asked_at = models.DateTimeField(default=clock.now)
    job_id = models.UUIDField(null=True)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "visits_visitreport"
        default_permissions = ()
        ordering = ["-last_day", "-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=models.F("last_day")), name="visit_report_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"visit of {self.site_id}, {self.first_day} to {self.last_day}"

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"Site-{self.site_id}_visit_{self.last_day:%Y-%m-%d}.pdf"
