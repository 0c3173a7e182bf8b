"""Links by mail, and passwords that were used before."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from audit import clock
from sites.models import User


class Invitation(models.Model):
    """A link, good once and for a day, by which a person chooses a password; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(used_at=None, withdrawn_at=None), name="invitation_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.expires_at:%Y-%m-%d}"


class FormerPassword(models.Model):
    """The hash of a password that a person had, so that it is not chosen again (ACC-03)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="former_passwords")
    password = models.CharField(max_length=128)
    ended_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-ended_at", "id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.ended_at:%Y-%m-%d}"
