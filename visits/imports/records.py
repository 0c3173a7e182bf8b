"""What is kept of an import: the act in the trail, the file beside it, and which page came from which row."""

from __future__ import annotations

import uuid

from django.db import models

from audit import clock
from visits.models import OfSubject, Page


class Import(models.Model):
    """A file that was handed in for one form; `sha256` names its content.

    `columns` maps each header to a column of the form ("" = not used). `counts` are those of the last check,
    or of the load: rows, subjects, new, changed, same, problems, queries.
    """

    class State(models.TextChoices):
        STAGED = "STAGED"
        CHECKED = "CHECKED"
        LOADED = "LOADED"
        DISCARDED = "DISCARDED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.CharField(max_length=8)
    source = models.CharField(max_length=80)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    counts = models.JSONField(default=dict)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.form} from {self.source}"


class ImportFile(models.Model):
    """The table that was handed in, and the findings of the last check; outside the trail (audit.exempt).

    `table` is a list of rows of texts, the header first. `findings` lists, row by row, what would happen.
    """

    of = models.OneToOneField(Import, models.PROTECT, primary_key=True, related_name="file")
    content = models.BinaryField()
    table = models.JSONField()
    findings = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"file of {self.of_id}"


class ImportedRow(OfSubject):
    """The page that a row of a file became, and the page's revision when it did."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="+", db_constraint=False)
    of = models.ForeignKey(Import, models.PROTECT, related_name="rows")
    row = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["of", "row"], name="imported_row_once")]

    def __str__(self) -> str:
        return f"row {self.row}"
