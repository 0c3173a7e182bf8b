"""Which checks run for a change, where they hold, and how many hard ones keep a page from being complete."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from protocol.words import Bilingual
from visits.capture import asking
from visits.checks import own_page
from visits.checks.check import CHECKS, Check, Finding, Operand
from visits.checks.reading import Reading
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.items import Item


@dataclass(frozen=True, slots=True)
class Firing:
    """A check that holds: its id, the question, and where."""

    check_id: str
    message: Bilingual
    finding: Finding
    to: str = "site"

    @property
    def key(self) -> tuple[uuid.UUID, str, str]:
        """What one standing query is kept for: the page, the check, and which of its findings there."""
        return self.finding.page.id, self.check_id, self.finding.about

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What was read and where, as the query keeps it."""
        return [_shown(name, operand) for name, operand in self.finding.operands.items()]


@dataclass(slots=True)
class Outcome:
    """What a run of checks has found.

    `ran`: the checks across pages that ran, over the whole subject; `pages`: those whose own checks ran;
    `contradicted`: for every page of a form that owns one of the hard checks, how many hold on it; `written`:
    the pages whose write has already shown that they are not locked.
    """

    ran: frozenset[str] = frozenset()
    pages: frozenset[uuid.UUID] = frozenset()
    firing: list[Firing] = field(default_factory=list)
    contradicted: dict[uuid.UUID, int] = field(default_factory=dict)
    written: frozenset[uuid.UUID] = frozenset()


def moved_by(
    changed: Iterable[tuple[PageRecord, Iterable[str]]], *, appeared: Iterable[PageRecord] = ()
) -> frozenset[str]:
    """Return the addresses that have moved: changed items, and whole forms of which a page came or went."""
    moved = {f"{page.form.lower()}.{item}" for page, items in changed for item in items}
    return frozenset(moved | {page.form.lower() for page in appeared})


@lru_cache(maxsize=2048)
def checks_for(moved: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks across pages that read any of what has moved; the same answers move the same."""
    return tuple(one for one in CHECKS.values() if one.is_moved_by(moved))


def run(r: Reading, checks: Sequence[Check], *, pages: Iterable[PageRecord]) -> Outcome:
    """Run checks over the whole subject, and the own checks of these pages."""
    pages = list(pages)
    found = {one.id: _held(one, r) for one in checks}
    firing = [Firing(one.id, one.message, held, one.to) for one in checks for held in found[one.id]]
    firing += [Firing(name, question, held) for name, question, held in own_page.holding(r, pages)]
    return Outcome(
        ran=frozenset(found),
        pages=frozenset(page.id for page in pages),
        firing=firing,
        contradicted=_contradicted(r, checks, found),
    )


def own_pages(r: Reading, touched: Iterable[PageRecord]) -> list[PageRecord]:
    """Return the pages whose own checks read what was written: those, and those computed or hidden by it."""
    written = list(touched)
    wanted = {page.id for page in written}
    depending = own_page.depending().union(*(asking.hidden_by(page.form) for page in written))
    return [page for page in r.dossier.pages if page.id in wanted or page.form in depending]


def _held(one: Check, r: Reading) -> list[Finding]:
    """Return where a check holds; ValueError where it stands on a page that it may not stand on."""
    found = list(one.finds(r))
    for finding in found:
        if finding.page.form not in one.stands:
            raise ValueError(f"{one.id} stands on {finding.page.form}, not on {one.stands}")
    return found


def _contradicted(
    r: Reading, checks: Sequence[Check], found: Mapping[str, list[Finding]]
) -> dict[uuid.UUID, int]:
    """Count all hard checks afresh on the pages that one of those that ran may stand on."""
    forms = {form for one in checks if one.hard for form in one.stands}
    counts = {page.id: 0 for page in r.dossier.pages if page.form in forms}
    for one in CHECKS.values():
        if one.hard and forms.intersection(one.stands):
            held = found[one.id] if one.id in found else _held(one, r)
            for page_id in {finding.page.id for finding in held}:
                if page_id in counts:
                    counts[page_id] += 1
    return counts


def _shown(name: str, operand: Operand) -> dict[str, Any]:
    page, value = operand.page, operand.value
    if page is None:
        return {"name": name, "value": None if value is None else str(value)}
    item = FORMS[page.form].questions().get(operand.item)
    if isinstance(item, Item):
        value = None if value is None else item.to_json(value)
    return {
        "name": name,
        "page": str(page.id),
        "form": page.form,
        "visit": page.visit,
        "record": page.ordinal,
        "title": {"en": page.title.en, "zh": page.title.zh},
        "item": operand.item,
        "label": {"en": item.label.en, "zh": item.label.zh} if item else None,
        "value": str(value) if isinstance(value, Decimal | date) else value,
    }
