"""A note on an item: what somebody wanted to say beside a value, and no question (design §3.7)."""

from django.db import models

from audit import clock
from visits.models import OfSubject, Page


class Note(OfSubject):
    """Words beside an item of a page, with who and when; the database lets nobody change or delete them."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="notes", db_constraint=False)
    item = models.CharField(max_length=40, blank=True, default="")
    text = models.TextField()
    by_id = models.CharField(max_length=36, blank=True, default="")
    by_name = models.CharField(max_length=120)
    by_role = models.CharField(max_length=20)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"note on {self.item or 'the page'}"
