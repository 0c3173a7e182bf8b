"""What was changed while an unlock stood open: old beside new, from the trail (LCK-03)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.models import Entry
from subjects.models import Subject
from visits.models import Page, visit_key
from visits.review.records import Unlock

KEPT_BESIDE = frozenset({"page_id", "site_id", "subject_id", "digest", "raw", "missing"})
OF_PAGE = frozenset({"removed", "not_done", "not_done_reason"})


def since_granted(subject: Subject, unlock: Unlock) -> list[dict[str, Any]]:
    """Return each value that changed under an unlock since it was granted, in the order of the trail.

    {page, form, visit, item, old, new, by, at} each; item "" with what became of the page as a whole.
    """
    chain = Entry.objects.filter(chain=f"subject:{subject.pk}")
    acts = chain.filter(table_name="visits_unlock", row_key=str(unlock.pk)).order_by("n")
    granted = next(one.n for one in acts if (one.new or {}).get("state") == Unlock.State.GRANTED)
    later = chain.filter(n__gt=granted).order_by("n")
    reached = Page.objects.filter(subject=subject).select_related("visit")
    if unlock.page_id is not None:
        reached = reached.filter(pk=unlock.page_id)
    elif unlock.visit_id is not None:
        reached = reached.filter(visit=unlock.visit_id)
    pages = {str(page.pk): page for page in reached}
    found = []
    for entry in later:
        typed = entry.table_name.startswith("crf_")
        page = pages.get((entry.page_id if typed else entry.row_key) or "")
        if page is None or not (typed or entry.table_name == "visits_page"):
            continue
        for item, old, new in _values(entry) if typed else _facts(entry):
            if not unlock.item or item == unlock.item:
                found.append(_told(page, item, old, new, entry))
    return found


def _values(entry: Entry) -> Iterator[tuple[str, Any, Any]]:
    """Yield the items that an entry of a typed row changes; a missing reason counts as the value."""
    old, new = entry.old or {}, entry.new or {}
    reasons_before, reasons = old.get("missing") or {}, new.get("missing") or {}
    names = [name for name in {**old, **new} if name not in KEPT_BESIDE]
    names += [name for name in {**reasons_before, **reasons} if name not in names]
    for name in names:
        before = old.get(name) if old.get(name) is not None else reasons_before.get(name)
        now = new.get(name) if new.get(name) is not None else reasons.get(name)
        if before != now:
            yield name, before, now


def _facts(entry: Entry) -> Iterator[tuple[str, Any, Any]]:
    old, new = entry.old or {}, entry.new or {}
    for name in sorted(OF_PAGE & set(new)):
        if entry.op == "U" and old.get(name) != new.get(name):
            yield "", f"{name}: {old.get(name)}", f"{name}: {new.get(name)}"


def _told(page: Page, item: str, old: Any, new: Any, entry: Entry) -> dict[str, Any]:
    visit = visit_key(page.visit.code, page.visit.ordinal) if page.visit else None
    return {
        "page": str(page.pk),
        "form": page.form,
        "visit": visit,
        "item": item,
        "old": None if old is None else str(old) if not isinstance(old, list) else ", ".join(map(str, old)),
        "new": None if new is None else str(new) if not isinstance(new, list) else ", ".join(map(str, new)),
        "by": entry.actor_name,
        "at": entry.at.isoformat(),
    }
