"""Which items a page asks for, given what is answered on it and on other pages; and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from protocol import expressions
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.items import Item

VERSION = "form_version"
# Items of one page that show-if rules of other pages read, and the name they read them by.
READ_ELSEWHERE = {
    "lh.target_limb": "target_limb",
    "pr.proc_date": "proc_date",
    "bcs.tissue_loss": "bcs.tissue_loss",
}


def answers(
    dossier: Dossier, visit_code: str | None, values: Mapping[str, Any], ordinal: int, *, version: str
) -> dict[str, Any]:
    """Return what show-if rules may read: the page's own values and those of other pages (protocol §3.0).

    `version` is the page's own version of the protocol: it decides which items `asked` knows.
    """
    found = dossier.context()
    found.update(values)
    found[VERSION] = version
    found["visit_code"] = visit_code
    for number in ("dcb_no", "des_no", "bms_no", "ps_no", "rev_no"):
        found.setdefault(number, ordinal)
    return found


def asked(crf: type[Crf], known: Mapping[str, Any]) -> dict[str, Item]:
    """Return the items that the page shows for these answers, in the order of the form.

    An item whose condition names a hidden item is hidden as well, since a hidden answer counts as none; one
    that the page's version of the protocol does not ask is hidden too, and what stands in it is kept.
    """
    shown: dict[str, Item] = {}
    items = crf.items_at(known[VERSION])
    visible = {**known, **dict.fromkeys(crf.items().keys() - items.keys())}
    for name, item in items.items():
        if item.is_shown(visible):
            shown[name] = item
        else:
            visible[name] = None
    return shown


def readers(dossier: Dossier, moved: set[str]) -> list[PageRecord]:
    """Return the pages whose questions depend on items of other pages that have just changed."""
    facts = {READ_ELSEWHERE[address] for address in moved if address in READ_ELSEWHERE}
    if not facts:
        return []
    forms = {
        form for form, crf in FORMS.items() if any(facts & item.depends_on for item in crf.items().values())
    }
    return [page for page in dossier.pages if page.form in forms]


@cache
def hidden_by(form: str) -> frozenset[str]:
    """Return the forms of which an answer on a page of this form may hide items."""
    facts = {fact for address, fact in READ_ELSEWHERE.items() if address.startswith(f"{form.lower()}.")}
    return frozenset(
        other for other, crf in FORMS.items() if any(facts & item.depends_on for item in crf.items().values())
    )


@cache
def hidden_from_elsewhere(form: str) -> tuple[str, ...]:
    """Return the items of a form that an answer on another page may hide."""
    facts = set(READ_ELSEWHERE.values())
    return tuple(name for name, item in FORMS[form].items().items() if facts & item.depends_on)


def kept(dossier: Dossier, page: PageRecord) -> list[str]:
    """Return the items of a page that hold a value and that another page hides (design §3.7)."""
    filled = [name for name in hidden_from_elsewhere(page.form) if page.values.get(name) is not None]
    if not filled:
        return []
    crf = FORMS[page.form]
    known = answers(dossier, page.visit_code, page.values, page.ordinal, version=page.form_version)
    shown, of_version = asked(crf, known), crf.items_at(page.form_version)
    return [name for name in filled if name in of_version and name not in shown]


def unanswered(dossier: Dossier, page: PageRecord, crf: type[Crf]) -> list[str]:
    """Return the required items of a page that have neither a value nor a reason."""
    if page.removed or page.not_done:
        return []
    known = answers(dossier, page.visit_code, page.values, page.ordinal, version=page.form_version)
    return [
        name
        for name, item in asked(crf, known).items()
        if page.values.get(name) is None and name not in page.missing and item.is_required(known)
    ]


def for_browser(item: Item) -> list[Any] | None:
    """Return an item's show-if rule as the page's script reads it, None where the item is always asked."""
    return expressions.parse(item.show_if).to_json() if item.show_if else None
