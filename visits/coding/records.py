"""What is kept of coding: the dictionaries that were loaded, their terms, and the code of each text."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import clock
from visits.models import OfSubject, Page


class Dictionary(models.Model):
    """One version of a dictionary as the study loaded it; `sha256` names the files that it came from."""

    class Kind(models.TextChoices):
        MEDDRA = "MEDDRA", "MedDRA"
        WHODRUG = "WHODRUG", "WHODrug"
        ATC = "ATC", "ATC"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    terms_loaded = models.PositiveIntegerField(default=0)
    in_use = models.BooleanField(default=True)
    loaded_by = models.CharField(max_length=120)
    loaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["kind", "-loaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version", "language"], name="dictionary_version_once"),
            models.UniqueConstraint(
                fields=["kind", "language"], condition=Q(in_use=True), name="dictionary_in_use_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class Term(models.Model):
    """One term that a text can be coded to, with its path upwards; reference data (audit.exempt).

    `folded` is the text as it is compared. `path` lists what stands above it, nearest first, each as
    {"level", "code", "text"}.
    """

    dictionary = models.ForeignKey(Dictionary, models.PROTECT, related_name="terms")
    code = models.CharField(max_length=20)
    text = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, db_index=True)
    path = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["dictionary", "code"], name="term_code_once")]

    def __str__(self) -> str:
        return self.text


class Coding(OfSubject):
    """The term that a text of a page was given; a later one replaces it, none is ever changed but to review.

    `text` is what the site had written then: where the page says something else by now, the code no longer
    holds. `origin`: same words, earlier decision, or a person.
    """

    class Origin(models.TextChoices):
        SAME_WORDS = "SAME_WORDS"
        AS_BEFORE = "AS_BEFORE"
        PERSON = "PERSON"

    page = models.ForeignKey(Page, models.PROTECT, related_name="codings", db_constraint=False)
    item = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    term = models.ForeignKey(Term, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)
    reviewed_by = models.CharField(max_length=36, blank=True, default="")
    reviewer_name = models.CharField(max_length=120, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["page", "item"], condition=Q(replaced_at=None), name="coding_stands_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.text} -> {self.term_id}"
