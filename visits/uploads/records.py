"""An uploaded file of a subject; its bytes are kept in the database, under an id of our own (SEC-06)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from audit import clock
from visits.models import OfSubject


class Upload(OfSubject):
    """A file as it was cleaned: neither the name that it had, nor what a camera wrote into it, is kept.

    `label` is what its uploader calls it, screened like any free text. QUARANTINE: nobody takes it out until
    the scanner has seen it. An answer of a page names a file by its `sha256`.
    """

    class Kind(models.TextChoices):
        PDF = "PDF"
        JPEG = "JPEG"
        PNG = "PNG"

    class State(models.TextChoices):
        QUARANTINE = "QUARANTINE"
        READY = "READY"
        REFUSED = "REFUSED"

    kind = models.CharField(max_length=4, choices=Kind.choices)
    label = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUARANTINE)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    MIME: ClassVar[dict[str, str]] = {
        Kind.PDF: "application/pdf",
        Kind.JPEG: "image/jpeg",
        Kind.PNG: "image/png",
    }

    class Meta:
        default_permissions = ()
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["subject", "sha256"], name="upload_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def mime(self) -> str:
        """The type under which the file is handed out."""
        return self.MIME[self.kind]
