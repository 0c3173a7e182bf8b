"""References to records: what an answer points at has to exist, in this subject or at its site.

A lesion, device, person or event that nobody knows is no answer at all, and refused like a wrong type.
Whether the lesion is a target lesion, or the stent was implanted, is for the checks across pages.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from protocol.codelists import LESION
from protocol.words import T
from sites.models import DeviceProduct, Membership
from subjects.models import Subject
from visits.capture.change import Change
from visits.capture.entry import Problem, SaveRefused
from visits.capture.validation import STAMPED
from visits.dossier import Dossier, PageRecord
from visits.items import FileItem, RefItem
from visits.uploads.records import Upload

EVENTS = ("REV", "AMP", "DTH", "AE")
DEVICES = {"device": ("DCB", "BMS", "DES", "PS"), "stent": ("DES", "BMS", "PS")}
NO_SUCH_RECORD = T(
    "There is no such record: choose one of those that exist.", "没有这条记录：请从已有记录中选择。"
)


def refuse_unknown(dossier: Dossier, changes: Sequence[Change]) -> None:
    """Raise SaveRefused for every changed answer that points at nothing; unchanged ones stay as they are."""
    found = [
        Problem(change.number, item.name, "no-record", NO_SUCH_RECORD)
        for change, item, value in _changed(changes)
        if not _exists(item, value, dossier, changes)
    ]
    if found:
        raise SaveRefused(found)


def _changed(changes: Sequence[Change]) -> Iterator[tuple[Change, RefItem, Any]]:
    for change in changes:
        items = change.crf.items()
        for name in change.items:
            item, value = items.get(name), change.after.values.get(name)
            stamped = name in STAMPED.get(change.crf.form, ())
            if value is not None and isinstance(item, RefItem) and not stamped:
                yield change, item, value


def _exists(item: RefItem, value: str, dossier: Dossier, changes: Sequence[Change]) -> bool:
    """Say whether the record is there; the pages of this very save count."""
    target, subject = item.target, dossier.subject
    if isinstance(item, FileItem):
        ready = Upload.objects.filter(subject_id=subject.pk, state=Upload.State.READY)
        return ready.filter(sha256=value).exists()
    if target == "product":
        found = DeviceProduct.objects.filter(code=value)
        return (found.filter(kind=item.product_kind) if item.product_kind else found).exists()
    if target == "person":
        sites = {subject.site_id, subject.enrolled_at}
        person = _identifier(value)
        return person is not None and Membership.objects.filter(user_id=person, site_id__in=sites).exists()
    if target == "subject":
        other = _identifier(value)
        return (
            other is not None
            and other != subject.pk
            and Subject.objects.filter(pk=other, site_id=subject.site_id).exists()
        )
    return value in _names(target, _standing(dossier, changes))


def _standing(dossier: Dossier, changes: Sequence[Change]) -> list[PageRecord]:
    """Return the pages as they will stand after this save."""
    after = {change.after.id: change.after for change in changes}
    pages = [after.get(page.id, page) for page in dossier.pages]
    return [page for page in pages if not (page.removed or page.not_done)]


def _names(target: str, pages: Sequence[PageRecord]) -> set[str]:
    """Return the names by which records of one kind are pointed at."""
    if target == "lesion":
        # Pages come in any order: before a lesion is entered, a duplex may name the one that will be.
        return {page.identity for page in pages if page.form == "LES"} or set(LESION.codes)
    if target in DEVICES:
        return {page.identity for page in pages if page.form in DEVICES[target]}
    forms = EVENTS if target == "event" else (target.removeprefix("page:"),)
    return {str(page.id) for page in pages if page.form in forms}


def _identifier(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except ValueError:
        return None
