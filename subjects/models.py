"""A subject: a number that is given once, and never changes or is used again (protocol §1.4)."""

import uuid

from django.db import models

from audit import clock


class Subject(models.Model):
    """One subject of one enrolling site; no name, initials or record number exists (PRI-01)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="subjects")
    seq = models.PositiveSmallIntegerField()
    usubjid = models.CharField(max_length=20, unique=True)
    screening_no = models.CharField(max_length=8, unique=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "seq"], name="subject_number_once"),
            models.UniqueConstraint(fields=["site", "id"], name="subject_address"),
        ]
        ordering = ["usubjid"]

    def __str__(self) -> str:
        return self.usubjid
