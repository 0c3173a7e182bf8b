"""What a page may hold: type, format, hard range and hard rules within the page refuse; nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from protocol.codelists import MISSR
from protocol.words import Bilingual
from visits.capture import edition
from visits.capture.entry import PageEntry, Problem
from visits.crfs.base import Crf
from visits.items import Item, ItemRefused

# Items that the server alone fills in, and never takes from an entry: the time at which the plan of the
# cohort was recorded, and who confirmed the eligibility (protocol §3.14, §3.5).
STAMPED: dict[str, frozenset[str]] = {
    "PR": frozenset({"planned_dt"}),
    "IE": frozenset({"elig_confirmed_by"}),
}

UNKNOWN_ITEM = Bilingual("This page has no such item.", "本页没有该项目。")
NOT_IN_VERSION = Bilingual(
    "This item does not belong to the page's version of the protocol.", "该项目不属于本页所用的方案版本。"
)
STAMPED_ITEM = Bilingual("Filled in by the system, it cannot be typed.", "由系统自动填写，不可录入。")
NO_REASON_TAKEN = Bilingual(
    "This item needs a value; a missing reason is not accepted.", "此项必须填写，不接受缺失原因。"
)
UNKNOWN_REASON = Bilingual("Choose one of the missing reasons.", "请选择缺失原因。")
VALUE_AND_REASON = Bilingual(
    "A value and a missing reason exclude each other: keep one.", "数值与缺失原因不能同时填写，请保留其一。"
)


def typed(
    entry: PageEntry,
    crf: type[Crf],
    *,
    number: int,
    today: date,
    version: str,
    stored: Mapping[str, Any],
) -> tuple[dict[str, Any], list[Problem]]:
    """Check each value of an entry by itself; returns the clean values and the problems.

    `version` is the page's version of the protocol, `stored` what stands on the page: an item that this
    version does not ask may only be sent as it stands.
    """
    clean: dict[str, Any] = {}
    problems: list[Problem] = []
    items = edition.items_for(crf, version, stored)
    for name, value in entry.values.items():
        item = items.get(name)
        if item is None and name in crf.items():
            if value is not None and value != stored.get(name):
                problems.append(Problem(number, name, "version", NOT_IN_VERSION))
        elif item is None:
            problems.append(Problem(number, name, "unknown", UNKNOWN_ITEM))
        elif name in STAMPED.get(crf.form, ()):
            problems.append(Problem(number, name, "stamped", STAMPED_ITEM))
        elif value is None:
            clean[name] = None
        else:
            try:
                clean[name] = item.clean(value, today=today)
            except ItemRefused as refused:
                problems.append(Problem(number, name, refused.code, refused.message))
    problems += _reasons(entry, {**crf.items(), **items}, number)
    return clean, problems


def _reasons(entry: PageEntry, items: Mapping[str, Item], number: int) -> list[Problem]:
    problems = []
    for name, reason in entry.missing.items():
        item = items.get(name)
        if item is None:
            problems.append(Problem(number, name, "unknown", UNKNOWN_ITEM))
        elif reason and reason not in MISSR:
            problems.append(Problem(number, name, "reason", UNKNOWN_REASON))
        elif reason and not item.accepts_missing:
            problems.append(Problem(number, name, "no-reason", NO_REASON_TAKEN))
        elif reason and entry.values.get(name) is not None:
            problems.append(Problem(number, name, "both", VALUE_AND_REASON))
    return problems


def contradictions(crf: type[Crf], values: Mapping[str, Any], *, number: int) -> list[Problem]:
    """Return the hard rules within the page that its values break; each stands at its first item.

    `values` include the derived ones (Crf.complete).
    """
    return [
        Problem(number, rule.items[0], rule.id, rule.message)
        for rule in crf.contradictions
        if rule.found_in(values)
    ]


NOT_DONE_WHY = Bilingual("Say why this page was not done.", "请填写未做的原因。")
NOT_DONE_FILLED = Bilingual(
    "The page holds values: clear them before marking it not done.", "本页已有数据：请先清除后再标记为未做。"
)
