"""The trail and its chains as the application reads them, and the jobs, which it also writes.

Entry and Head are written by the functions of audit/sql/ alone: the database refuses every other way.
"""

import json
import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.functions import Now


class Exact(json.JSONDecoder):
    """Reads numbers as they were written: 1.50 stays 1.50."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal})


class ExactJSONField(models.JSONField):
    """JSON whose numbers are read exactly; to migrations a plain JSONField."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "decoder": Exact})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("decoder", None)
        return name, "django.db.models.JSONField", args, kwargs


class Op(models.TextChoices):
    """What an entry records; an event is no write, its table_name is its kind."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"
    EVENT = "E"


class Entry(models.Model):
    """One write, or one event, as the database recorded it; an update holds the changed columns."""

    pk = models.CompositePrimaryKey("chain", "n")
    chain = models.TextField()
    n = models.BigIntegerField()
    version = models.SmallIntegerField()
    at = models.DateTimeField()
    clock = models.TextField()
    txid = models.BigIntegerField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    actor_role = models.TextField()
    actor_site = models.TextField(null=True)
    origin = models.TextField()
    session = models.TextField(null=True)
    request_id = models.TextField(null=True)
    on_behalf_of = models.TextField(null=True)
    reason_code = models.TextField(null=True)
    reason_text = models.TextField(null=True)
    op = models.TextField(choices=Op)
    table_name = models.TextField()
    row_key = models.TextField(null=True)
    site_id = models.TextField(null=True)
    subject_id = models.TextField(null=True)
    page_id = models.TextField(null=True)
    visit_id = models.TextField(null=True)
    form = models.TextField(null=True)
    ordinal = models.TextField(null=True)
    old = ExactJSONField(null=True)
    new = ExactJSONField(null=True)
    salt = models.BinaryField(null=True)
    old_digest = models.BinaryField(null=True)
    new_digest = models.BinaryField(null=True)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_entry"
        ordering = ["chain", "n"]

    def __str__(self) -> str:
        return f"{self.chain} {self.n}"


class Head(models.Model):
    """The last entry of a chain: its number and hash."""

    chain = models.TextField(primary_key=True)
    n = models.BigIntegerField()
    prev = models.BinaryField()
    hash = models.BinaryField()
    txid = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "audit_head"
        ordering = ["chain"]

    def __str__(self) -> str:
        return f"{self.chain} {self.n}"


class Job(models.Model):
    """Work for a worker: the row is the truth, the message to the broker only a hint (audit.jobs)."""

    class State(models.TextChoices):
        QUEUED = "QUEUED"
        RUNNING = "RUNNING"
        DONE = "DONE"
        DEAD = "DEAD"
        DISCARDED = "DISCARDED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField()
    queue = models.TextField(default="default")
    args = models.JSONField(default=dict)
    key = models.TextField(null=True, unique=True)
    state = models.TextField(choices=State, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    error = models.TextField(default="")
    by_user = models.TextField(null=True)
    by_name = models.TextField()
    by_role = models.TextField()
    by_site = models.TextField(null=True)
    request_id = models.TextField(default="")
    created = models.DateTimeField(db_default=Now())
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)
    due = models.DateTimeField(db_default=Now())
    sent = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "audit_job"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["QUEUED", "RUNNING", "DONE", "DEAD", "DISCARDED"]),
                name="audit_job_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due"], condition=models.Q(state__in=["QUEUED", "RUNNING"]), name="audit_job_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Periodic(models.Model):
    """When the clock last had a periodic task done, so that one that stays away is seen (audit.periodic)."""

    task = models.TextField(primary_key=True)
    ran_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_periodic"

    def __str__(self) -> str:
        return self.task
