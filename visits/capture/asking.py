"""Which items a page asks for, given what is answered on it and on other pages; and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.items import Item


def answers(dossier: Dossier, visit_code: str | None, values: Mapping[str, Any], ordinal: int) -> dict[str, Any]:
    """Return what show-if rules may read: the page's own values and those of other pages (protocol §3.0)."""
    found = dossier.context()
    found.update(values)
    found["visit_code"] = visit_code
    for number in ("dcb_no", "des_no", "bms_no", "ps_no", "rev_no"):
        found.setdefault(number, ordinal)
    return found


def asked(crf: type[Crf], known: Mapping[str, Any]) -> dict[str, Item]:
    """Return the items that the page shows for these answers, in the order of the form.

    An item whose condition names a hidden item is hidden as well, since a hidden answer counts as none.
    """
    shown: dict[str, Item] = {}
    visible = dict(known)
    for name, item in crf.items().items():
        if item.is_shown(visible):
            shown[name] = item
        else:
            visible[name] = None
    return shown


def is_required(item: Item, known: Mapping[str, Any]) -> bool:
    """Say whether an item that is shown has to be answered before the page is complete (protocol §3.0)."""
    return item.is_required(known)


def takes_missing_reason(item: Item, known: Mapping[str, Any]) -> bool:
    """Say whether a reason from MISSR may stand in for the value: R and C items, never R! or C!."""
    return item.required in ("R", "C") and not item.required_if


def unanswered(dossier: Dossier, page: PageRecord, crf: type[Crf]) -> list[str]:
    """Return the required items of a page that have neither a value nor a reason."""
    if page.removed or page.not_done:
        return []
    known = answers(dossier, page.visit_code, page.values, page.ordinal)
    return [
        name
        for name, item in asked(crf, known).items()
        if page.values.get(name) is None and name not in page.missing and is_required(item, known)
    ]
