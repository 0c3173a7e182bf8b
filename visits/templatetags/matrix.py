"""How the matrix writes: a cell in one piece, since a study has thousands of them."""

from __future__ import annotations

import uuid
from datetime import date
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from protocol.codelists import COHORT
from protocol.schedule import VISIT
from visits.matrix import Cell, SubjectRow
from visits.matrix_view import next_step
from visits.templatetags.edc import GLYPHS, glyph

register = template.Library()

NOBODY = uuid.UUID(int=0)
GROUP_STARTS = ("M1", "UNS")


@lru_cache(maxsize=2)
def _pattern(prefix: str) -> str:
    """Return the address of a page, to be filled in; asking the router once is what keeps this quick."""
    return reverse("page", args=[NOBODY, "VISIT", "FORM"]).replace(str(NOBODY), "{subject}")


@register.simple_tag
def cell_url(row: SubjectRow, cell: Cell) -> str:
    """Return where a cell leads: the first form of the visit that wants attention."""
    filled = _pattern("").replace("{subject}", str(row.subject.pk))
    return filled.replace("VISIT", _visit(cell)).replace("FORM", cell.form)


def _visit(cell: Cell) -> str:
    return "UNS1" if cell.visit == "UNS" else cell.visit


@lru_cache(maxsize=512)
def _drawn(sign: str, column: str, count: int, language: str) -> tuple[str, str]:
    """Return the glyph and the words of a cell; `language` is part of the key only."""
    words = GLYPHS[sign][2].in_(language)
    many = f" ({count})" if count > 1 else ""
    label = format_html("{} {}: {}{}", column, VISIT[column].label.in_(language), words, many)
    return str(glyph(sign, False)) + (str(count) if count > 1 else ""), str(label)


@register.simple_tag
def cell(row: SubjectRow, found: Cell) -> SafeString:
    """Write one cell of the table; codes and glyphs are the study's own, so nothing needs escaping here."""
    drawn, label = _drawn(found.mark.sign, found.column, found.mark.count, get_language() or "en")
    classes = " ".join(
        name
        for name in (
            "none" if found.hatched else found.mark.ground,
            "grp" if found.column in GROUP_STARTS else "",
        )
        if name
    )
    opening = f'<td class="{classes}">' if classes else "<td>"
    if found.hatched:
        return mark_safe(f'{opening}<span class="visually-hidden">{label}</span></td>')  # noqa: S308
    if found.mark.sign == "not-expected":
        return mark_safe(f'{opening}{drawn}<span class="visually-hidden">{label}</span></td>')  # noqa: S308
    todo = ' data-todo=""' if found.mark.todo else ""
    url = cell_url(row, found)
    return mark_safe(f'{opening}<a class="c" href="{url}" aria-label="{label}"{todo}>{drawn}</a></td>')  # noqa: S308


@register.simple_tag
def planned(row: SubjectRow) -> SafeString | str:
    """Write the planned cohort as a chip; a dash before the plan."""
    code = row.known.planned_cohort
    if not code:
        return "–"
    return format_html(
        '<span class="chip {}" title="{}">{}</span>',
        code.lower(),
        COHORT.decode(code).in_(get_language() or "en"),
        code,
    )


@register.simple_tag
def step(row: SubjectRow, today: date) -> SafeString | str:
    """Write what comes next for a subject."""
    words, pressing = next_step(row, today)
    return format_html('<span class="{}">{}</span>', pressing, words) if words else ""


@register.simple_tag
def sid(usubjid: str) -> SafeString:
    """Write a subject's number with its prefix quiet."""
    prefix, _dash, number = usubjid.partition("-")
    return format_html('<span class="pre">{}-</span>{}', prefix, number)
