"""Checks that stand in the CRF classes and read one page: its warnings and the usual ranges of its items.

They open a query and never refuse a save; what refuses is in the classes' `contradictions`. A warning that
also states the soft limit of an item silences that limit while it holds (protocol §4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from protocol.words import Bilingual
from visits.capture import asking
from visits.checks.check import Finding, Operand
from visits.checks.reading import Reading, name_of
from visits.crfs import FORMS
from visits.crfs.base import Contradiction, Crf
from visits.dossier import PageRecord
from visits.items import Derived

Held = tuple[str, Any, Finding]


def holding(r: Reading, pages: Iterable[PageRecord]) -> list[Held]:
    """Return (id, question, finding) for all that holds on these pages; removed and undone ones hold none.

    A value that an answer on another page hides is kept there, and asked about (design §3.7).
    """
    found: list[Held] = []
    for page in pages:
        if not (page.removed or page.not_done):
            crf = FORMS[page.form]
            values = {**r.dossier.context(), **r.complete(page)}
            warned = [
                warning
                for warning in crf.warnings
                if warning.answered_by_reason not in page.missing and warning.found_in(values)
            ]
            stated = {item for warning in warned for item in warning.limit_of}
            stated |= crf.beyond_question(page.values)
            found += [_warning(warning, page, values) for warning in warned]
            found += _unusual(crf, page, values, stated)
            for name in asking.kept(r.dossier, page):
                question = hidden_words(crf.items()[name].label)
                found.append((hidden_id(page.form, name), question, _finding(page, (name,), values)))
    return found


@cache
def depending() -> frozenset[str]:
    """Return the forms whose own checks read a value that is computed from other pages."""
    return frozenset(form for form, crf in FORMS.items() if _depends(crf))


def _depends(crf: type[Crf]) -> bool:
    elsewhere = {name for name, item in crf.derived().items() if item.reads_dossier}
    asked = {name for warning in crf.warnings for name in warning.items}
    ranged = {name for name in elsewhere if crf.derived()[name].soft is not None}
    others = asked - set(crf.questions())
    return bool(ranged or others or asked & elsewhere)


def range_id(form: str, name: str) -> str:
    """Return the id of the soft limit of an item (protocol §4)."""
    return f"RNG-{form}.{name}-S"


def hidden_id(form: str, name: str) -> str:
    """Return the id of the question about a value that another page hides."""
    return f"HID-{form}.{name}-S"


def hidden_words(label: Bilingual) -> Bilingual:
    """Return that question."""
    return Bilingual(
        f"{label.en}: holds a value, but by the answers on another page it is not asked. Clear it here, or "
        "correct the other page.",
        f"{label.zh}：此处有值，但按其他页面的答案不应填写。请清除，或更正该页面。",
    )


def own_checks() -> dict[str, tuple[str, Contradiction | Derived | Any]]:
    """Return all of them by id, with the form they stand on and what states them."""
    found: dict[str, tuple[str, Any]] = {}
    for form, crf in FORMS.items():
        found.update({warning.id: (form, warning) for warning in crf.warnings})
        found.update(
            {
                range_id(form, name): (form, item)
                for name, item in crf.questions().items()
                if item.soft is not None
            }
        )
        hidden = asking.hidden_from_elsewhere(form)
        found.update({hidden_id(form, name): (form, crf.items()[name]) for name in hidden})
    return found


def _unusual(crf: type[Crf], page: PageRecord, values: Mapping[str, Any], stated: set[str]) -> list[Held]:
    """Return what lies outside a usual range; a limit that a standing warning states asks once (§4)."""
    found = []
    for name, asked in crf.questions_at(page.form_version).items():
        question = asked.unusual(values.get(name)) if name not in stated else None
        if question is not None:
            found.append((range_id(crf.form, name), question, _finding(page, (name,), values)))
    return found


def _warning(warning: Contradiction, page: PageRecord, values: Mapping[str, Any]) -> Held:
    return warning.id, warning.message, _finding(page, warning.items, values)


def _finding(page: PageRecord, items: tuple[str, ...], values: Mapping[str, Any]) -> Finding:
    read = {f"{name_of(page)}.{name}": Operand(values.get(name), page, name) for name in items}
    return Finding(page, items, read)
