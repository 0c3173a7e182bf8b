"""Verified values that have changed, as a monitor reads them: old and new in words, who changed what, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import clock, trail
from audit.models import Entry
from protocol.codelists import MISSR
from protocol.words import Bilingual, T
from visits.crfs import FORMS
from visits.items.units import shown_unit
from visits.review.sdv.plan import InForce
from visits.review.sdv.standing import Stale

BLANK = T("blank", "空白")
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Changed:
    """One item that has to be looked at again."""

    mark: Stale
    label: Bilingual
    old: Bilingual
    new: Bilingual
    purposes: tuple[str, ...]
    by_name: str
    reason: str
    reason_text: str
    since: datetime | None

    @property
    def days(self) -> int:
        """How long ago the value was changed."""
        return (clock.now() - (self.since or self.mark.at)).days


def changed(marks: Sequence[Stale], *, plan: InForce) -> list[Changed]:
    """Return these marks in words, with the last change of each from the trail; one statement."""
    pages = {str(mark.page_id) for mark in marks}
    entries = Entry.objects.filter(
        page_id__in=pages, op="U", table_name__in={FORMS[mark.form]._meta.db_table for mark in marks}
    )
    by_page: dict[str, list[trail.Change]] = {}
    for entry in entries.order_by("at", "n") if marks else ():
        by_page.setdefault(entry.page_id or "", []).append(trail.change(entry))
    return [_changed(mark, by_page.get(str(mark.page_id), ()), plan) for mark in marks]


def _changed(mark: Stale, entries: Iterable[trail.Change], plan: InForce) -> Changed:
    item = FORMS[mark.form].items()[mark.item]
    last = next(
        (one for one in reversed(list(entries)) if one.at >= mark.at and _touches(one, mark.item)), None
    )
    return Changed(
        mark=mark,
        label=item.label,
        old=words(mark.form, mark.item, mark.old),
        new=words(mark.form, mark.item, mark.new),
        purposes=tuple(plan.critical.get(f"{mark.form.lower()}.{mark.item}", ())),
        by_name=last.actor_name if last else "",
        reason=(last.reason_code or "") if last else "",
        reason_text=(last.reason_text or "") if last else "",
        since=last.at if last else None,
    )


def _touches(one: trail.Change, item: str) -> bool:
    if one.of(item) is not None:
        return True
    missing = one.of("missing")
    return missing is not None and (missing.old or {}).get(item) != (missing.new or {}).get(item)


def words(form: str, name: str, stored: Any) -> Bilingual:
    """Return a value as a verification keeps it, with its unit, in both languages."""
    if stored is None:
        return BLANK
    if isinstance(stored, dict) and set(stored) == {MISSING}:
        why = MISSR.decode(stored[MISSING])
        return Bilingual(f"Missing: {why.en}", f"缺失：{why.zh}")
    item = FORMS[form].items()[name]
    value = item.from_json(stored)
    unit = shown_unit(item.unit)
    return Bilingual(
        f"{item.show(value, 'en')} {unit.en}".rstrip(), f"{item.show(value, 'zh-hans')} {unit.zh}".rstrip()
    )
