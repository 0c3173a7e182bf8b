"""Signatures and withdrawals, one row per page and act, never changed; who accepted what signing means."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from audit import clock
from visits.models import OfSubject, Page


class Signature(OfSubject):
    """One person's signature under one page, or its withdrawal; `ordinal` counts the acts under the page.

    What was signed: `digest` of the typed row, where the page stood (`visit_id`), by which version it was
    entered, whether it was not done; `wording` is the digest of the questions as they were shown. `content`
    is the digest of all of it together, the one that the signer's screen sent back. Acts of one moment
    share their `batch`; `level` says what was chosen: a page, a visit or the whole subject.
    """

    class Act(models.TextChoices):
        SIGN = "SIGN"
        WITHDRAW = "WITHDRAW"

    class Level(models.TextChoices):
        PAGE = "page"
        VISIT = "visit"
        SUBJECT = "subject"

    page = models.ForeignKey(Page, models.PROTECT, related_name="signatures", db_constraint=False)
    ordinal = models.PositiveSmallIntegerField()
    act = models.CharField(max_length=8, choices=Act.choices)
    level = models.CharField(max_length=8, choices=Level.choices)
    batch = models.UUIDField()
    meaning = models.CharField(max_length=12)
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    wording = models.CharField(max_length=64)
    visit_id = models.UUIDField(null=True)
    form_version = models.CharField(max_length=10)
    revision = models.PositiveIntegerField()
    not_done = models.BooleanField(default=False)
    not_done_reason = models.CharField(max_length=200, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    method = models.CharField(max_length=20)
    by_id = models.CharField(max_length=36)
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["page_id", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "page", "ordinal"], name="signature_act_once"),
            models.CheckConstraint(
                condition=~Q(act="WITHDRAW") | ~Q(reason=""), name="signature_withdrawn_has_reason"
            ),
            models.CheckConstraint(condition=~Q(by_id=""), name="signature_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.ordinal} by {self.by_name}"


class Declaration(models.Model):
    """A person's statement that their electronic signature equals the one by hand (SIG-10)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("sites.User", models.PROTECT, related_name="+")
    version = models.CharField(max_length=10)
    wording = models.CharField(max_length=64)
    method = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="declaration_once")]

    def __str__(self) -> str:
        return f"declaration {self.version}"
