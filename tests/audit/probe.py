"""A table of the tests' own under audit, shaped like a typed CRF row, and the ways to write it."""

import uuid
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import DatabaseError, models

from audit.actors import Actor
from audit.context import acting
from audit.models import Entry

SITE = "07"
SUBJECT = uuid.UUID("00000000-0000-4000-8000-000000000007")

WANG = Actor(
    user_id="u-wang",
    name="Wang Li",
    role="COORDINATOR",
    site=SITE,
    origin="web",
    session="s1",
    request_id="req-1",
)

TABLE = """
CREATE TABLE crf_probe (
    page_id     uuid PRIMARY KEY,
    site_id     text NOT NULL,
    subject_id  uuid NOT NULL,
    height      numeric(5, 2),
    note        text,
    seen        timestamptz,
    missing     jsonb NOT NULL DEFAULT '{}',
    raw         jsonb NOT NULL DEFAULT '{}'
);
SELECT audit_attach('crf_probe', 'subject', true);
"""


class Probe(models.Model):
    """The ORM's view of the table."""

    page_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    site_id = models.TextField(default=SITE)
    subject_id = models.UUIDField(default=SUBJECT)
    height = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    note = models.TextField(null=True)
    seen = models.DateTimeField(null=True)
    missing = models.JSONField(default=dict)
    raw = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["Probe"]] = models.Manager()

    class Meta:
        app_label = "probe"
        managed = False
        db_table = "crf_probe"


def one(**values: object) -> Probe:
    """Return an unsaved row."""
    return Probe(**{"height": Decimal("1.50"), "note": "first", **values})


def saved(**values: Any) -> Probe:
    """Return a row as WANG saved it."""
    row = one(**values)
    with acting(by=WANG):
        row.save(force_insert=True)
    return row


def state(refused: pytest.ExceptionInfo[DatabaseError]) -> str:
    """Return the SQLSTATE with which the database refused."""
    return str(refused.value.__cause__.sqlstate)  # type: ignore[union-attr]


def last(row: Probe) -> Entry:
    """Return the last entry about a row."""
    return Entry.objects.filter(row_key=str(row.pk)).order_by("-n")[0]
