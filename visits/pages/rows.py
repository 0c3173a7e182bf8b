"""The environment in which the rows of a CRF page are drawn: Jinja, since a page has hundreds of small parts.

The same words and glyphs as in Django's templates; everything is escaped.
"""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import Environment

from visits.items.units import shown_unit
from visits.templatetags import crf, edc

WIDTHS = {"number": "w-n", "date": "w-d", "moment": "w-t"}


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
        label=crf.label,
        both=crf.both,
        stacked=crf.stacked,
        pair=crf.pair,
        glyph=edc.glyph,
        query_state=crf.query_state,
        query_text=crf.query_text,
        query_read=crf.query_read,
        url=lambda name, *args: reverse(name, args=args),
        unit_words=lambda unit: crf.words(shown_unit(unit)),
        widths=WIDTHS,
    )
    return made
