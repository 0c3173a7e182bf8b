"""An entry set beside the page as it stands: what it would change, and why it may have to be refused."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from audit import clock
from audit.context import Reason
from visits.capture import asking, edition, validation
from visits.capture.entry import (
    ClearingUnconfirmed,
    Conflict,
    Gone,
    PageEntry,
    Problem,
    ReasonNeeded,
    SaveRefused,
)
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord


@dataclass(slots=True)
class Change:
    """An entry set beside the page as it stands: what it would change."""

    number: int
    entry: PageEntry
    crf: type[Crf]
    before: PageRecord | None
    after: PageRecord
    items: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    page_facts: bool = False

    @property
    def is_any(self) -> bool:
        """Whether anything at all would be written."""
        return self.before is None or bool(self.items) or self.page_facts


def change_of(dossier: Dossier, entry: PageEntry, number: int) -> Change:
    """Set an entry beside what stands. Raises SaveRefused, and for a stale one Conflict or Gone."""
    crf = FORMS.get(entry.form)
    if crf is None:
        raise ValueError(f"there is no form {entry.form!r}")
    before = _standing(dossier, entry, crf)
    if entry.revision is not None and entry.revision != (before.revision if before else 0):
        if before is None:
            raise Gone(f"{entry.form} of revision {entry.revision} is not here")
        raise Conflict(number, before)
    version = before.form_version if before else edition.version_for(dossier, entry.visit)
    clean, problems = validation.typed(
        entry,
        crf,
        number=number,
        today=clock.today(),
        version=version,
        stored=before.values if before else {},
    )
    if problems:
        raise SaveRefused(problems)
    after = _copy(before) if before else _new(dossier, entry, crf, version)
    change = Change(number=number, entry=entry, crf=crf, before=before, after=after)
    for name, value in clean.items():
        raw = entry.raw.get(name, "") or _as_given(entry.values[name], value)
        _set(change, name, value, entry.missing.get(name, ""), raw)
    for name, missing in entry.missing.items():
        if name not in clean:
            _set(change, name, None, missing, "")
    _page_facts(change)
    return change


def _as_given(given: Any, value: Any) -> str:
    """Return the digits of a decimal as it was given, where the column will pad them."""
    return str(given) if isinstance(given, Decimal) and str(given) != str(value) else ""


def _standing(dossier: Dossier, entry: PageEntry, crf: type[Crf]) -> PageRecord | None:
    if entry.page_id is not None:
        page = dossier.page(entry.page_id)
        if page is None or page.form != entry.form:
            raise ValueError("the page belongs to another subject or form")
        return page
    if crf.repeating:
        return None
    return next(iter(dossier.at(entry.visit, entry.form)), None)


def _copy(page: PageRecord) -> PageRecord:
    return replace(page, values=dict(page.values), missing=dict(page.missing), raw=dict(page.raw))


def _new(dossier: Dossier, entry: PageEntry, crf: type[Crf], version: str) -> PageRecord:
    """Return an empty page; it joins the dossier, so that further rows of one save count on from it."""
    ordinal = 1
    if crf.repeating:
        ordinal += max((page.ordinal for page in dossier.pages if page.form == entry.form), default=0)
    page = PageRecord(
        id=uuid.uuid4(),
        form=entry.form,
        visit=entry.visit,
        visit_code=entry.visit.rstrip("0123456789")
        if entry.visit and entry.visit.startswith("UNS")
        else entry.visit,
        visit_id=None,
        ordinal=ordinal,
        revision=0,
        removed=False,
        not_done=False,
        not_done_reason="",
        form_version=version,
        unanswered=0,
        entered_at=clock.now(),
    )
    dossier.pages.append(page)
    return page


def _set(change: Change, name: str, value: Any, missing: str, raw: str) -> None:
    """Put one item on the page after the change and note what it replaces.

    An answer that stays as it is keeps the text that it was first given in (EDQ-02).
    """
    page, before = change.after, change.before
    old, old_reason = (before.values.get(name), before.missing.get(name, "")) if before else (None, "")
    if before is not None and (value, missing) == (old, old_reason):
        raw = before.raw.get(name, "")
    for kept, new in ((page.values, value), (page.missing, missing or None), (page.raw, raw or None)):
        if new is None:
            kept.pop(name, None)
        else:
            kept[name] = new
    if (value, missing) == (old, old_reason):
        return
    change.items.append(name)
    if old is not None or old_reason:
        change.overwritten.append(name)


def _page_facts(change: Change) -> None:
    entry, page, before = change.entry, change.after, change.before
    if entry.removed is not None:
        page.removed = entry.removed
    if entry.not_done is not None:
        page.not_done = entry.not_done
        page.not_done_reason = entry.not_done_reason.strip() if entry.not_done else ""
    if before is not None:
        change.page_facts = (page.removed, page.not_done, page.not_done_reason) != (
            before.removed,
            before.not_done,
            before.not_done_reason,
        )


def refuse(dossier: Dossier, changes: Sequence[Change]) -> None:
    """Raise for hard rules within a page, and for answers that hide filled items without consent to clear."""
    problems: list[Problem] = []
    hidden: list[tuple[int, str]] = []
    for change in changes:
        page = change.after
        if page.not_done:
            problems += _not_done(change)
            continue
        known = asking.answers(dossier, page.visit_code, page.values, page.ordinal, version=page.form_version)
        for name in _hidden_here(dossier, change, known):
            if change.entry.clear_hidden:
                _set(change, name, None, "", "")
            else:
                hidden.append((change.number, name))
        complete = change.crf.complete(page.values, dossier)
        problems += validation.contradictions(change.crf, complete, number=change.number)
    if problems:
        raise SaveRefused(problems)
    if hidden:
        raise ClearingUnconfirmed(hidden)


def _not_done(change: Change) -> list[Problem]:
    if not change.after.not_done_reason:
        return [Problem(change.number, "", "EC-127", validation.NOT_DONE_WHY)]
    if change.after.values:
        return [Problem(change.number, "", "not-done", validation.NOT_DONE_FILLED)]
    return []


def _hidden_here(dossier: Dossier, change: Change, known: Mapping[str, Any]) -> list[str]:
    """Return the filled items that answers on this same page hide; what another page hides is kept."""
    page, before = change.after, change.before
    shown = asking.asked(change.crf, known)
    filled = [
        name for name in change.crf.items() if page.values.get(name) is not None or name in page.missing
    ]
    if before is None:
        return [name for name in filled if name not in shown]
    stood = asking.answers(dossier, page.visit_code, before.values, page.ordinal, version=before.form_version)
    earlier = asking.asked(change.crf, stood)
    return [name for name in filled if name not in shown and (name in earlier or name in change.items)]


def ask_for_reason(changes: Sequence[Change], *, reason: Reason | None) -> None:
    """Raise ReasonNeeded where a stored value or fact changes and nobody said why (AUD-09)."""
    if reason is not None:
        return
    overwritten = [(change.number, name) for change in changes for name in change.overwritten]
    overwritten += [(change.number, "") for change in changes if change.page_facts]
    if overwritten:
        raise ReasonNeeded(overwritten)


def stamp(change: Change, given: Mapping[str, Any]) -> None:
    """Fill in what the server alone knows.

    The time at which the plan of the cohort was recorded (protocol §3.14); who confirmed the eligibility,
    which lapses as soon as anything else on that page changes.
    """
    values = change.after.values
    for name, value in given.items():
        _set(change, name, value, "", "")
    if change.entry.form == "PR" and values.get("planned_cohort") and not values.get("planned_dt"):
        _set(change, "planned_dt", clock.now(), "", "")
    if change.entry.form == "IE" and not given and change.items and values.get("elig_confirmed_by"):
        _set(change, "elig_confirmed_by", None, "", "")
