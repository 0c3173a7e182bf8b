"""The quarterly review of who has access: one per site and one for the roles of the whole study (ACC-09)."""

from __future__ import annotations

import uuid

from django.db import models

from audit import clock
from sites.models import Membership, Site, User


class AccessReview(models.Model):
    """A review of one quarter; closed once every role in it was confirmed or ended by name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="access_reviews")
    quarter = models.CharField(max_length=6)
    made_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-quarter", "site_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "quarter"], nulls_distinct=False, name="access_review_once_a_quarter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quarter} {self.site_id or ''}".strip()


class ReviewedRole(models.Model):
    """What was decided about one role in a review, by whom and when."""

    class Decision(models.TextChoices):
        KEEP = "KEEP"
        END = "END"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(AccessReview, models.PROTECT, related_name="roles")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="reviewed")
    decision = models.CharField(max_length=4, choices=Decision.choices, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["review_id", "membership__user__full_name", "id"]
        constraints = [models.UniqueConstraint(fields=["review", "membership"], name="role_reviewed_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.decision}"
