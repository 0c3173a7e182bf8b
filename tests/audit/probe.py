"""A table of the tests' own under audit, shaped like a typed CRF row, and the ways to write it."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models

from audit.actors import Actor

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
