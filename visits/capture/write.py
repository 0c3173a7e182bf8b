"""How changed pages reach the database; called by save_pages alone."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from subjects.models import Subject
from visits.capture import asking
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import Dossier, PageRecord
from visits.models import Lock, Page, Visit


def visits_for(
    subject: Subject, dossier: Dossier, pages: Iterable[PageRecord]
) -> dict[str | None, uuid.UUID | None]:
    """Return the id of each page's visit, creating the visits that have none yet; logs have None."""
    found: dict[str | None, uuid.UUID | None] = {None: None}
    found.update({page.visit: page.visit_id for page in dossier.pages if page.visit_id is not None})
    wanted: dict[str, PageRecord] = {}
    for page in pages:
        if page.visit is not None and page.visit not in found:
            wanted[page.visit] = page
    new = [
        Visit(
            site_id=subject.site_id,
            subject=subject,
            code=page.visit_code or key,
            ordinal=int(key[3:] or 1) if page.visit_code == "UNS" else 1,
        )
        for key, page in wanted.items()
    ]
    Visit.objects.bulk_create(new)
    found.update({visit.key: visit.pk for visit in new})
    return found


def insert(subject: Subject, records: Sequence[PageRecord]) -> None:
    """Insert new pages with their typed rows: one statement for the pages, one for each form among them."""
    if not records:
        return
    Page.objects.bulk_create(
        Page(
            id=record.id,
            site_id=subject.site_id,
            subject=subject,
            visit_id=record.visit_id,
            form=record.form,
            ordinal=record.ordinal,
            form_version=record.form_version,
            entered_at=record.entered_at,
            **_facts(record),
        )
        for record in records
    )
    rows: dict[str, list[Crf]] = {}
    for record in records:
        rows.setdefault(record.form, []).append(_row(subject, record, record.values))
    for form, together in rows.items():
        FORMS[form]._base_manager.bulk_create(together)


def update(subject: Subject, record: PageRecord, *, items: Sequence[str]) -> None:
    """Write what changed of a stored page and of its typed row."""
    Page.objects.filter(pk=record.id).update(**_facts(record))
    if items:
        row = _row(subject, record, items)
        row.save(by_save_pages=True, force_update=True, update_fields=[*items, "missing", "raw"])


def _facts(record: PageRecord) -> dict[str, Any]:
    return {
        "revision": record.revision,
        "removed": record.removed,
        "not_done": record.not_done,
        "not_done_reason": record.not_done_reason,
        "unanswered": record.unanswered,
        "contradicted": record.contradicted,
    }


def _row(subject: Subject, record: PageRecord, items: Iterable[str]) -> Crf:
    return FORMS[record.form](
        page_id=record.id,
        site_id=subject.site_id,
        subject_id=subject.pk,
        missing=record.missing,
        raw=record.raw,
        **{name: record.values.get(name) for name in items},
    )


def recount(dossier: Dossier, pages: Iterable[PageRecord], contradicted: Mapping[uuid.UUID, int]) -> None:
    """Keep the counts true on other pages: what `pages` ask for, and the hard checks that hold on any.

    A locked page keeps the counts that it was locked with: nothing on it may change.
    """
    counts = {
        record.id: (len(asking.unanswered(dossier, record, FORMS[record.form])), record.contradicted)
        for record in pages
    }
    for page_id, number in contradicted.items():
        record = dossier.page(page_id)
        if record is not None:
            counts[page_id] = (counts.get(page_id, (record.unanswered, 0))[0], number)
    moved = {}
    for page_id, count in counts.items():
        record = dossier.page(page_id)
        if record is not None and count != (record.unanswered, record.contradicted):
            moved[page_id] = (record, count)
    if not moved:
        return
    locked = locked_among(moved, known=dossier.locked)
    rows = []
    for page_id, (record, (unanswered, held)) in moved.items():
        if page_id not in locked:
            record.unanswered, record.contradicted = unanswered, held
            rows.append(Page(pk=page_id, unanswered=unanswered, contradicted=held))
    if rows:
        Page.objects.bulk_update(rows, ["unanswered", "contradicted"])


def locked_among(
    pages: Iterable[uuid.UUID], *, known: frozenset[uuid.UUID] | None = None
) -> Collection[uuid.UUID]:
    """Return those of these pages that are locked one by one; `known`: where it has been read already."""
    if known is not None:
        return known.intersection(pages)
    found = Lock.objects.filter(released_at=None, page_id__in=list(pages)).values_list("page_id", flat=True)
    return {page_id for page_id in found if page_id is not None}
