"""What is collected and what happens to it: visits, pages, queries, locks, printed documents.

A page is the generic row of one CRF (or of one row of a repeating CRF); its typed row, one class per CRF,
hangs on it one to one (visits/crfs). Every row carries its site and its subject, held together by composite
foreign keys (migration 0002), so that no row can point at another site's subject (ACL-04).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import clock


class OfSubject(models.Model):
    """A row that belongs to one subject of one site."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(
        "sites.Site", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    subject = models.ForeignKey(
        "subjects.Subject", models.PROTECT, related_name="+", db_constraint=False, db_index=True
    )

    class Meta:
        abstract = True


class Visit(OfSubject):
    """A visit of which at least one page has been entered; `ordinal` counts unscheduled visits."""

    code = models.CharField(max_length=8)
    ordinal = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "code", "ordinal"], name="visit_once"),
            models.UniqueConstraint(fields=["site", "subject", "id"], name="visit_address"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The visit's name in addresses: M12, UNS2."""
        return visit_key(self.code, self.ordinal)


def visit_key(code: str, ordinal: int) -> str:
    """Return the name of a visit in addresses and lists: M12, UNS2."""
    return f"{code}{ordinal}" if code == "UNS" else code


class Page(OfSubject):
    """One CRF of one subject, or one row of a repeating CRF; logs have no visit.

    `ordinal` counts the rows of a repeating form over the whole subject and is never used again, so that
    PS1, DES1 or event 3 keep their identity. `unanswered` is the number of required items without value or
    reason, `contradicted` that of hard checks across pages which hold on it; save_pages keeps both beside
    the values that they were counted from. The page is complete when both are 0.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, null=True, db_constraint=False, related_name="pages")
    form = models.CharField(max_length=8)
    ordinal = models.PositiveSmallIntegerField(default=1)
    form_version = models.CharField(max_length=10)
    revision = models.PositiveIntegerField(default=1)
    removed = models.BooleanField(default=False)
    not_done = models.BooleanField(default=False)
    not_done_reason = models.CharField(max_length=200, blank=True, default="")
    unanswered = models.PositiveSmallIntegerField(default=0)
    contradicted = models.PositiveSmallIntegerField(default=0)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "visit", "form", "ordinal"], name="page_once", nulls_distinct=False
            ),
            models.UniqueConstraint(fields=["site", "subject", "id"], name="page_address"),
            models.CheckConstraint(
                condition=Q(not_done=False) | ~Q(not_done_reason=""), name="page_not_done_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form}{self.ordinal}"

    @property
    def lacking(self) -> int:
        """How many required items are missing, and hard checks across pages hold."""
        return self.unanswered + self.contradicted


class Query(OfSubject):
    """A question about one or several items of a page; its thread and its ageing are its steps.

    Of an automatic one, `read` is what its check has read: {name, page, form, item, label, value} each, the
    page and item being where the value stands; `about` tells several findings of a check on a page apart.
    """

    class Origin(models.TextChoices):
        AUTO = "AUTO"
        MANUAL = "MANUAL"

    class State(models.TextChoices):
        CANDIDATE = "CANDIDATE"
        OPEN = "OPEN"
        ANSWERED = "ANSWERED"
        CLOSED = "CLOSED"
        CANCELLED = "CANCELLED"

    page = models.ForeignKey(Page, models.PROTECT, related_name="queries", db_constraint=False)
    items = ArrayField(models.CharField(max_length=40), default=list)
    origin = models.CharField(max_length=8)
    check_id = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=10)
    close_reason = models.CharField(max_length=16, blank=True, default="")
    message_en = models.TextField()
    message_zh = models.TextField(blank=True, default="")
    about = models.CharField(max_length=20, blank=True, default="")
    read = models.JSONField(default=list)
    values_digest = models.CharField(max_length=64, blank=True, default="")
    opened_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "subject", "id"], name="query_address"),
            models.UniqueConstraint(
                fields=["page", "check_id", "about"],
                condition=Q(origin="AUTO", state__in=["CANDIDATE", "OPEN", "ANSWERED"]),
                name="query_one_standing_per_check",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "opened_at"], condition=Q(state="OPEN"), name="query_open"),
            models.Index(fields=["subject", "state"], name="query_subject_state"),
            models.Index(fields=["check_id", "state"], condition=Q(origin="AUTO"), name="query_by_check"),
        ]

    def __str__(self) -> str:
        return f"{self.check_id or 'query'} on {', '.join(self.items)}"

    def message(self, language: str) -> str:
        """Return the question in the reader's language; a person's own words stay as written."""
        return (self.message_zh or self.message_en) if language.startswith("zh") else self.message_en


class QueryStep(OfSubject):
    """One transition of a query: from, to, who, when, and what was said. Never changed afterwards."""

    query = models.ForeignKey(Query, models.PROTECT, related_name="steps", db_constraint=False)
    from_state = models.CharField(max_length=10, blank=True, default="")
    to_state = models.CharField(max_length=10)
    text = models.TextField(blank=True, default="")
    reason = models.CharField(max_length=16, blank=True, default="")
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_state} to {self.to_state}"


class Lock(models.Model):
    """One act that freezes or locks an item, a page, a visit, a subject, a site or the study (LCK-01).

    Frozen: no value changes but of items with an open query; locked: nothing is written. `interim`: made with
    work left open, for a cut of the data; any other has passed the gates (visits/review/gates.py). Two people
    stand behind a lock of the study that is not interim: `by` and `confirmed_by`.
    """

    class Kind(models.TextChoices):
        FROZEN = "frozen"
        LOCKED = "locked"

    class Level(models.TextChoices):
        ITEM = "item"
        PAGE = "page"
        VISIT = "visit"
        SUBJECT = "subject"
        SITE = "site"
        STUDY = "study"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.LOCKED)
    level = models.CharField(max_length=8, choices=Level.choices)
    site = models.ForeignKey("sites.Site", models.PROTECT, null=True, related_name="+", db_constraint=False)
    subject = models.ForeignKey(
        "subjects.Subject", models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", db_constraint=False)
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+", db_constraint=False)
    item = models.CharField(max_length=40, blank=True, default="")
    interim = models.BooleanField(default=False)
    reason = models.TextField()
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    confirmed_by_id = models.CharField(max_length=36, blank=True, default="")
    confirmed_by = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=120, blank=True, default="")
    released_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level="study", site=None, subject=None, visit=None, page=None, item="")
                | Q(level="site", site__isnull=False, subject=None, visit=None, page=None, item="")
                | Q(level="subject", subject__isnull=False, visit=None, page=None, item="")
                | Q(level="visit", subject__isnull=False, visit__isnull=False, page=None, item="")
                | Q(level="page", subject__isnull=False, visit=None, page__isnull=False, item="")
                | (Q(level="item", subject__isnull=False, visit=None, page__isnull=False) & ~Q(item="")),
                name="lock_covers_its_level",
            ),
            models.UniqueConstraint(
                fields=["kind", "level", "site", "subject", "visit", "page", "item"],
                condition=Q(released_at=None),
                name="lock_stands_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], condition=Q(released_at=None), name="lock_standing"),
        ]

    def __str__(self) -> str:
        return f"lock of {self.level}"


class Submission(models.Model):
    """The one-time key of a form that was sent, so that sending it again changes nothing (CON-02)."""

    key = models.UUIDField(primary_key=True)
    user_id = models.CharField(max_length=36)
    saved = models.JSONField()
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.key)


class Document(OfSubject):
    """A PDF that a job has rendered: a page or a casebook."""

    kind = models.CharField(max_length=16)
    job_id = models.UUIDField(null=True)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


from visits import crfs as _crfs  # noqa: E402,F401  the typed rows are models of this app
from visits.arranging import noted as _noted  # noqa: E402,F401  and the notes on items
from visits.capture import unsaved as _unsaved  # noqa: E402,F401  and what was typed and not saved
from visits.coding import records as _coding  # noqa: E402,F401  and of coding
from visits.imports import records as _imports  # noqa: E402,F401  and of imports
from visits.review import records as _review  # noqa: E402,F401  and of unlocking and of final locks
from visits.review.sdv import records as _sdv  # noqa: E402,F401  and of verification against the source
from visits.review.signing import records as _signing  # noqa: E402,F401  and of signatures
from visits.safety import records as _records  # noqa: E402,F401  so are those of safety reporting
from visits.trail import records as _trail  # noqa: E402,F401  and of people at the trail
from visits.uploads import records as _uploads  # noqa: E402,F401  and of files
