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
from subjects.status import Status
from visits.overview.matrix import Cell, SubjectRow
from visits.overview.matrix_view import next_step
from visits.overview.status import Mark
from visits.templatetags.edc import GLYPHS, glyph

register = template.Library()

NOBODY = uuid.UUID(int=0)
GROUP_STARTS = ("M1", "UNS")
DATA_TODO = ' data-todo=""'


@cache
def _pattern(name: str, *args: str) -> str:
    """Return an address with {subject} to be filled in; asking the router once is what keeps this quick."""
    return reverse(name, args=[NOBODY, *args]).replace(str(NOBODY), "{subject}")


def _visit(found: Cell) -> str:
    return "UNS1" if found.visit == "UNS" else found.visit


@lru_cache(maxsize=8192)
def _drawn(
    sign: str, count: int, todo: bool, column: str, visit: str, form: str, hatched: bool, language: str
) -> tuple[str, str]:
    """Return what stands before and after the subject in a cell's address; "" after where it leads nowhere.

    The link has words of its own, so that its glyph needs none and need not be hidden.
    """
    many = count > 1
    words = f"{column} {VISIT[column].label.in_(language)}: {GLYPHS[sign][2].in_(language)}"
    label = escape(f"{words}, {count}" if many else words)
    ground = "none" if hatched else Mark(sign, count, todo).ground
    classes = " ".join(filter(None, (ground, "grp" if column in GROUP_STARTS else "")))
    opening = f'<td class="{classes}">' if classes else "<td>"
    if hatched or sign == "not-expected":
        picture = "" if hatched else glyph(sign, False)
        return f'{opening}{picture}<span class="visually-hidden">{label}</span></td>', ""
    symbol, colour, _words = GLYPHS[sign]
    drawn = f'<svg class="g {colour}"><use href="#g-{symbol}"/></svg>{count if many else ""}'
    before, after = _pattern("page", visit, form).split("{subject}")
    return (
        f'{opening}<a class="c" href="{before}',
        f'{after}" aria-label="{label}"{DATA_TODO if todo else ""}>{drawn}</a></td>',
    )


@register.simple_tag
def subject_row(row: SubjectRow, today: date, cohorts: bool) -> SafeString:
    """Write one row of the table in one piece; codes and glyphs are the study's own."""
    language = reader.language()
    subject = str(row.subject.pk)
    parts = [
        f'<tr><th scope="row"><a href="{_pattern("subject").replace("{subject}", subject)}">',
        f'{_number(row.subject.usubjid)}</a></th><td class="l opt">{_status(row.status, language)}</td>',
        f'<td class="l opt">{_chip(row.known.planned_cohort or "", language)}</td>' if cohorts else "",
        f'<td class="r muted opt">{"" if row.day is None else row.day}</td>',
    ]
    for found in row.cells:
        shown, visit = found.mark, _visit(found)
        before, after = _drawn(
            shown.sign, shown.count, shown.todo, found.column, visit, found.form, found.hatched, language
        )
        parts += (before, subject, after) if after else (before,)
    parts.append(f'<td class="l grp opt">{_step(row, today)}</td></tr>')
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped where it is made


def _number(usubjid: str) -> str:
    """Write a subject's number; it is made of letters, digits and dashes (protocol.identifiers)."""
    head, _dash, rest = usubjid.partition("-")
    return f'<span class="sid"><span class="pre">{head}-</span>{rest}</span>'


@cache
def _status(status: Status, language: str) -> str:
    return escape(status.label.in_(language))


@cache
def _chip(code: str, language: str) -> str:
    """Return the planned cohort as a chip; a dash before the plan."""
    if not code:
        return "–"
    return format_html(
        '<span class="chip {}" title="{}">{}</span>', code.lower(), COHORT.decode(code).in_(language), code
    )


def _step(row: SubjectRow, today: date) -> str:
    """Write what comes next for a subject."""
    words, pressing = next_step(row, today)
    return f'<span class="{pressing}">{escape(words)}</span>' if words else ""
