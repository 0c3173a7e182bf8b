"""The environment in which the rows of a CRF page are drawn: Jinja, since a page has hundreds of small parts.

The same words and glyphs as in Django's templates; everything is escaped. What is alike on every page, words,
glyphs, the buttons of an answer, is drawn once by each process and language, and kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import Environment
from markupsafe import Markup, escape

from protocol.words import Bilingual
from sites.reader import language
from visits.items.units import shown_unit
from visits.pages.row import Answer, Row
from visits.templatetags import crf, edc

WIDTHS = {"number": "w-n", "date": "w-d", "moment": "w-t"}
CHOSEN = ("buttons", "steps", "checks", "select")
"""The controls that offer answers of a list: few are different, and each has many parts."""
KEPT = 4096
NO_WORDS = Bilingual("", "")
ANY_NAME = "\0"
"""What stands for the name of the boxes in what is kept; no text holds it."""


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let what writes words of the study write each of them once for a language."""

    @lru_cache(maxsize=KEPT)
    def written(_language: str, *args: Any) -> Any:
        return function(*args)

    @wraps(function)
    def kept_words(*args: Any) -> Any:
        return written(language(), *args)

    return kept_words


def environment(**options: Any) -> Environment:
    """Return the environment of templates/rows."""
    given = {name: value for name, value in options.items() if name != "autoescape"}
    made = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"], **given
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        days_since=crf.days_since,
        site_time=crf.site_time,
        data=lambda value: json.dumps(value, ensure_ascii=False),
    )
    made.globals.update(
        words=crf.words,
        label=kept(crf.label),
        both=kept(crf.both),
        stacked=kept(crf.stacked),
        pair=kept(crf.pair),
        glyph=kept(edc.glyph),
        boxes_of=_boxes_of(made),
        reasons_of=_reasons_of(made),
        query_state=crf.query_state,
        query_text=crf.query_text,
        query_read=crf.query_read,
        url=lambda name, *args: reverse(name, args=args),
        unit_words=kept(lambda unit: crf.words(shown_unit(unit))),
        widths=WIDTHS,
    )
    made.globals["_"] = _translated
    return made


_plain = kept(lambda text: Markup(gettext(text)) % {})  # noqa: S704 the catalogue is our own


def _translated(text: str, **values: Any) -> Markup:
    """Translate a text of the templates, as newstyle gettext does; one without values once for a language."""
    return Markup(gettext(text)) % values if values else _plain(text)  # noqa: S704 see above


def _boxes_of(made: Environment) -> Callable[..., Markup]:
    """Return what draws the control of a row; `compact`: in the cell of a grid."""

    @lru_cache(maxsize=KEPT)
    def drawn(
        _language: str,
        control: str,
        label: Bilingual,
        answers: tuple[Answer, ...],
        erred: bool,
        compact: bool,
    ) -> str:
        row = Row("", ANY_NAME, label, control, asked=True, optional=False, editable=True, answers=answers)
        row.errors = ["erred"] if erred else []
        return _macro(made, "control", row, compact)

    def boxes_of(row: Row, compact: bool = False) -> Markup:
        if row.control not in CHOSEN:
            return Markup(_macro(made, "control", row, compact))  # noqa: S704 drawn escaped
        text = drawn(language(), row.control, row.label, row.answers, bool(row.errors), compact)
        return Markup(text.replace(ANY_NAME, escape(row.html)))  # noqa: S704 drawn escaped

    return boxes_of


def _reasons_of(made: Environment) -> Callable[..., Markup]:
    """Return what draws the missing reasons of a row."""

    @lru_cache(maxsize=KEPT)
    def drawn(_language: str, reasons: tuple[Answer, ...], compact: bool) -> str:
        row = Row("", ANY_NAME, NO_WORDS, "", asked=True, optional=False, editable=True, reasons=reasons)
        return _macro(made, "reasons", row, compact)

    def reasons_of(row: Row, compact: bool = False) -> Markup:
        text = drawn(language(), row.reasons, compact)
        return Markup(text.replace(ANY_NAME, escape(row.html)))  # noqa: S704 drawn escaped

    return reasons_of


def _macro(made: Environment, name: str, row: Row, compact: bool) -> str:
    module: Any = made.get_template("rows/control.jinja").module
    return str(getattr(module, name)(row, compact))
