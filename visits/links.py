"""Which records of a subject point at which, by identity: events at lesions, deficiencies at devices.

subject -> limb -> lesion -> device is stable across forms and visits (design §3.5). A lesion or device is
pointed at by its name (L1, DES2), every other record by its page.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from protocol.words import Bilingual
from visits.crfs import FORMS
from visits.dossier import LOG, Dossier, PageRecord
from visits.items import RefItem

BY_PAGE = ("page:", "event")
BY_NAME = frozenset({"lesion", "device", "stent"})
NAMED_FORMS = frozenset({"LES", "PS", "DCB", "BMS", "DES"})


@dataclass(frozen=True, slots=True)
class Link:
    """A record that is pointed at, or that points here; `by` is the item that says so."""

    record: PageRecord
    by: Bilingual
    points_here: bool
    url: str


def points_at(page: PageRecord, record: PageRecord) -> bool:
    """Whether an item of a standing page names a record."""
    return not page.removed and any(True for _item in _naming(page, record))


def links_of(record: PageRecord, dossier: Dossier) -> list[Link]:
    """Return the records that a record points at, then those that point at it."""
    others = [page for page in dossier.standing() if page.id != record.id]
    subject = dossier.subject.pk
    to = [(other, item, False) for other in others for item in _naming(record, other)]
    back = [(other, item, True) for other in others for item in _naming(other, record)]
    return [
        Link(other, item.label, points_here, address_of(other, subject))
        for other, item, points_here in [*to, *back]
    ]


def address_of(record: PageRecord, subject_id: uuid.UUID) -> str:
    """Return where a record stands open."""
    query = f"?record={record.ordinal}#go" if FORMS[record.form].repeating else ""
    return reverse("page", args=[subject_id, record.visit or LOG, record.form]) + query


def _naming(page: PageRecord, record: PageRecord) -> Iterator[RefItem]:
    for name, item in FORMS[page.form].items().items():
        value = page.values.get(name)
        if value is None or not isinstance(item, RefItem):
            continue
        by_page = item.target.startswith(BY_PAGE) and value == str(record.id)
        by_name = item.target in BY_NAME and record.form in NAMED_FORMS and value == record.identity
        if by_page or by_name:
            yield item
