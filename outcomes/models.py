"""Results as last derived, outside the trail since derived; and the fixed datasets of locks."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from audit import clock
from audit.models import Entry
from protocol import endpoints
from visits.models import Lock


class ResultQuerySet(models.QuerySet["Result"]):
    """Results, with the question whether they are still what the data say."""

    def with_staleness(self) -> ResultQuerySet:
        """Add `stale`: a page of the subject has been written after the entry that the result has seen."""
        return self.annotate(stale=self._written_since())

    def outdated(self) -> ResultQuerySet:
        """Return the results that are stale."""
        return self.filter(self._written_since())

    def _written_since(self) -> Exists:
        chain = Concat(Value("subject:"), Cast(OuterRef("subject_id"), models.TextField()))
        written = models.Q(table_name__startswith="crf_") | models.Q(table_name="visits_page")
        return Exists(Entry.objects.filter(written, chain=chain, n__gt=OuterRef("head")))


class Result(models.Model):
    """One endpoint of one subject: its value, the page that decided it, in words, and the head it has seen.

    Time-to-event parameters have `aval`, `cnsr`, `adt` and, with a horizon, `answer` (the evaluable
    proportion, Y/N/NE); by-visit and 30-day endpoints have `answer` alone (Y/N/NE or a number).
    """

    subject = models.ForeignKey(
        "subjects.Subject", models.PROTECT, related_name="results", db_constraint=False, db_index=False
    )
    site = models.ForeignKey(
        "sites.Site", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    paramcd = models.CharField(max_length=12)
    cohort = models.CharField(max_length=8, blank=True, default="")
    aval = models.IntegerField(null=True)
    cnsr = models.SmallIntegerField(null=True)
    adt = models.DateField(null=True)
    left = models.IntegerField(null=True)
    answer = models.CharField(max_length=8, blank=True, default="")
    adjudicated = models.BooleanField(null=True)
    explanation = models.JSONField(default=dict)
    head = models.BigIntegerField()
    head_hash = models.CharField(max_length=12, blank=True, default="")
    computed_at = models.DateTimeField()

    stale: bool
    """Only where `with_staleness` has asked."""

    objects = ResultQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subject", "paramcd"], name="result_once")]
        indexes = [models.Index(fields=["paramcd", "site"], name="result_paramcd")]

    def __str__(self) -> str:
        return f"{self.paramcd} {self.aval if self.aval is not None else self.answer}"

    @property
    def horizon(self) -> int | None:
        """The horizon of the parameter, None for one without."""
        spec = endpoints.ENDPOINT.get(self.paramcd)
        return None if spec is None else spec.horizon


class Snapshot(models.Model):
    """What a lock covers, as files that never change; `manifest` is their table of contents and provenance.

    The database lets edc_app insert and read these rows, and neither update nor delete them.
    """

    class Kind(models.TextChoices):
        INTERIM = "INTERIM"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lock = models.OneToOneField(Lock, models.PROTECT, related_name="snapshot")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.INTERIM)
    name = models.CharField(max_length=80)
    manifest = models.JSONField()
    sha256 = models.CharField(max_length=64)
    subjects = models.PositiveIntegerField()
    values = models.PositiveBigIntegerField()
    built_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class SnapshotFile(models.Model):
    """One file of a snapshot."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    title_zh = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField(null=True)
    columns = models.PositiveIntegerField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["snapshot", "name"], name="snapshot_file_once")]

    def __str__(self) -> str:
        return self.name


class SnapshotRebuild(models.Model):
    """A snapshot made once more and compared byte by byte; `differing` names the files not equal."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="rebuilds")
    at = models.DateTimeField(default=clock.now)
    by_name = models.CharField(max_length=120)
    identical = models.BooleanField()
    differing = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        ordering = ["-at"]

    def __str__(self) -> str:
        return "identical" if self.identical else f"{len(self.differing)} files differ"


class ImpactReport(models.Model):
    """What a version of the protocol would change at a site, by a dry run on the data as they were.

    `seen` holds the head of each subject's chain; `definition` is the digest of the amendment itself. The
    database lets edc_app insert and read these rows, and neither update nor delete them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+")
    version = models.CharField(max_length=10)
    definition = models.CharField(max_length=64)
    seen = models.JSONField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_for = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["-made_at", "id"]

    def __str__(self) -> str:
        return f"{self.site_id} {self.version}"


class ImpactApproval(models.Model):
    """A data manager's word, by name, that an impact report was read and accepted; never changed."""

    report = models.OneToOneField(ImpactReport, models.PROTECT, primary_key=True, related_name="approval")
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="+", db_index=False)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.report_id} {self.by_name}"
