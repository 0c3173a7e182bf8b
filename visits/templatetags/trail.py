"""How pages of the trail write: the entry behind a line of a list, and what it says of one item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from sites.reader import said
from visits.trail.lists import Finding
from visits.trail.records import Redaction
from visits.trail.told import Line, Told
from visits.trail.wording import STATES

register = template.Library()


@register.simple_tag
def line_of(one: Finding, told: Mapping[tuple[str, int], Line]) -> Line | None:
    """Return the entry that a line of a list is about, in words."""
    return told.get((one.chain, one.n))


@register.simple_tag
def told_at(line: Line | None, item: str) -> tuple[Told, ...]:
    """Return what an entry says of one item; of all items where none is named."""
    if line is None:
        return ()
    return tuple(told for told in line.told if not item or told.name == item)


@register.simple_tag
def redaction_state(redaction: Redaction) -> str:
    """Name the state of a redaction."""
    return said(STATES[redaction.state])


@register.filter
def at(known: Mapping[str, Any], key: str) -> Any:
    """Return what stands under a key."""
    return known.get(key)
