"""What is kept of safety reporting: the reports of a serious event, and which notices went out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit import clock
from protocol.words import Bilingual, T
from visits.models import OfSubject, Page


class SaeReport(OfSubject):
    """One version of the report of a serious adverse event, as it was made; never changed afterwards.

    `number` counts the versions of one event. `values` are the answers of the page at that moment in their
    jsonb form, `missing` its reasons, `digest` the SHA-256 of both; `revision` is the page's own.
    """

    class Kind(models.TextChoices):
        INITIAL = "INITIAL"
        FOLLOW_UP = "FOLLOW_UP"
        FINAL = "FINAL"
        AUTHORITY = "AUTHORITY"

    page = models.ForeignKey(Page, models.PROTECT, related_name="sae_reports", db_constraint=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    revision = models.PositiveIntegerField()
    form_version = models.CharField(max_length=10)
    values = models.JSONField(default=dict)
    missing = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    sent_to = ArrayField(models.CharField(max_length=12), default=list)
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="sae_report_number")]

    def __str__(self) -> str:
        return f"report {self.number}"

    @property
    def is_of_site(self) -> bool:
        """Whether it is a report of the site, and not the sponsor's to the authority."""
        return self.kind != self.Kind.AUTHORITY


class SafetyNotice(OfSubject):
    """That people were told of an event or of one of its clocks: once for each page, clock and stage."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="+", db_constraint=False)
    code = models.CharField(max_length=12)
    stage = models.CharField(max_length=12)
    told = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "code", "stage"], name="safety_notice_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.stage}"


RECIPIENTS: dict[str, Bilingual] = {
    "SPONSOR": T("Sponsor", "申办者"),
    "INSTITUTION": T("Institution", "医疗机构"),
    "ETHICS": T("Ethics committee", "伦理委员会"),
    "AUTHORITY": T("Authority", "监管部门"),
}
