"""How the matrix writes: a cell in one piece, since a study has thousands of them."""

from __future__ import annotations

import uuid
from datetime import date
from functools import cache, lru_cache

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from protocol.codelists import COHORT
from protocol.schedule import VISIT
from sites import reader
from visits.matrix import Cell, SubjectRow
from visits.matrix_view import next_step
from visits.status import Mark
from visits.templatetags.edc import GLYPHS, glyph, sid

register = template.Library()

NOBODY = uuid.UUID(int=0)
GROUP_STARTS = ("M1", "UNS")


@cache
def _pattern(name: str, *args: str) -> str:
    """Return an address with {subject} to be filled in; asking the router once is what keeps this quick."""
    return reverse(name, args=[NOBODY, *args]).replace(str(NOBODY), "{subject}")


def _visit(found: Cell) -> str:
    return "UNS1" if found.visit == "UNS" else found.visit


@lru_cache(maxsize=2048)
def _drawn(shown: Mark, column: str, hatched: bool, language: str) -> tuple[str, str]:
    """Return what stands before and after the address of a cell; "" after where it leads nowhere."""
    many = shown.count > 1
    words = f"{column} {VISIT[column].label.in_(language)}: {GLYPHS[shown.sign][2].in_(language)}"
    label = escape(f"{words} ({shown.count})" if many else words)
    ground = "none" if hatched else shown.ground
    classes = " ".join(filter(None, (ground, "grp" if column in GROUP_STARTS else "")))
    opening = f'<td class="{classes}">' if classes else "<td>"
    drawn = f"{glyph(shown.sign, False)}{shown.count if many else ''}"
    if hatched or shown.sign == "not-expected":
        picture = "" if hatched else drawn
        return f'{opening}{picture}<span class="visually-hidden">{label}</span></td>', ""
    todo = ' data-todo=""' if shown.todo else ""
    return f'{opening}<a class="c" href="', f'" aria-label="{label}"{todo}>{drawn}</a></td>'


@register.simple_tag
def subject_row(row: SubjectRow, today: date, cohorts: bool) -> SafeString:
    """Write one row of the table in one piece; codes and glyphs are the study's own."""
    language = reader.language()
    subject = str(row.subject.pk)
    parts = [
        f'<tr><th scope="row"><a href="{_pattern("subject").replace("{subject}", subject)}">',
        f'{sid(row.subject.usubjid)}</a></th><td class="l opt">{escape(row.status.label.in_(language))}</td>',
        f'<td class="l opt">{_chip(row.known.planned_cohort or "", language)}</td>' if cohorts else "",
        f'<td class="r muted opt">{"" if row.day is None else row.day}</td>',
    ]
    for found in row.cells:
        before, after = _drawn(found.mark, found.column, found.hatched, language)
        parts.append(before)
        if after:
            address = _pattern("page", _visit(found), found.form)
            parts += (address.replace("{subject}", subject), after)
    parts.append(f'<td class="l grp opt">{_step(row, today)}</td></tr>')
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped where it is made


@cache
def _chip(code: str, language: str) -> str:
    """Return the planned cohort as a chip; a dash before the plan."""
    if not code:
        return "–"
    return format_html(
        '<span class="chip {}" title="{}">{}</span>', code.lower(), COHORT.decode(code).in_(language), code
    )


def _step(row: SubjectRow, today: date) -> SafeString | str:
    """Write what comes next for a subject."""
    words, pressing = next_step(row, today)
    return format_html('<span class="{}">{}</span>', pressing, words) if words else ""
