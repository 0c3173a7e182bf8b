"""How the pages of verification write: values, purposes, reasons, and the list that one is in."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django import template

from audit.context import REASONS
from sites.reader import said
from visits.crfs import FORMS
from visits.review.sdv.changes import Changed, words
from visits.review.sdv.records import Verification
from visits.review.sdv.sdv_view import PURPOSES
from visits.review.sdv.standing import Stale, WaitingPage

register = template.Library()
KEPT = ("list", "site", "visit", "only")


@register.simple_tag
def purposes_of(purposes: Sequence[str]) -> str:
    """Write what reads a critical item."""
    return ", ".join(said(PURPOSES[one]) for one in purposes if one in PURPOSES)


@register.simple_tag
def reason_of(one: Changed) -> str:
    """Write why a value was changed."""
    label = REASONS.get(one.reason)
    return str(label) if label else "–"


@register.simple_tag
def stored_words(mark: Verification) -> str:
    """Write the value that was verified."""
    return said(words(mark.page.form, mark.item, mark.value))


@register.simple_tag
def row_number(one: Stale | WaitingPage) -> str:
    """Write the number of a row of a repeating form; nothing for other forms."""
    return f" {one.ordinal}" if FORMS[one.form].repeating else ""


@register.simple_tag(takes_context=True)
def same_list(context: template.Context) -> str:
    """Write the part of the address that names the list one is in."""
    asked = context["request"].GET
    return urlencode({name: asked[name] for name in KEPT if asked.get(name)}) or "list=stale"
