"""The mark of verification that stands in the row of an item, and what waits on a page for a monitor."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from protocol.words import Bilingual
from sites.reader import said
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.pages.row import Row
from visits.review.sdv.changes import words
from visits.review.sdv.plan import InForce
from visits.review.sdv.states import GLYPHS, State, rows_to_verify, seen, state_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item that a monitor has yet to look at: its value, and the earlier one where that has changed."""

    label: Bilingual
    value: Bilingual
    old: Bilingual | None
    mark: str
    critical: bool


def put(row: Row, record: PageRecord, *, plan: InForce, dossier: Dossier, may_verify: bool) -> None:
    """Put the mark of an item on its row; a waiting item shows one to who may verify it alone."""
    state = state_of(record, row.name, plan=plan, usubjid=dossier.subject.usubjid)
    if state is State.NOT_REQUIRED or (state is State.PENDING and not may_verify):
        return
    row.sdv = GLYPHS[state]
    mark = record.verified.get(row.name)
    if mark is not None:
        when = f"{mark.at.astimezone(SITE_ZONE):%Y-%m-%d}"
        row.sdv_by = _("Verified by %(name)s, %(when)s") % {"name": mark.by_name, "when": when}
    if state is State.STALE and mark is not None:
        row.sdv_old = said(words(record.form, row.name, mark.value))
    if may_verify and state is not State.VERIFIED and row.asked:
        row.sdv_mark = f"{record.id}:{row.name}:{seen(record, row.name)}"


def waiting(
    dossier: Dossier, records: list[PageRecord], *, plan: InForce
) -> list[tuple[PageRecord, list[Waiting]]]:
    """Return what waits on these pages, each item with its value: exactly what a monitor confirms."""
    return [
        (record, [_waiting(record, item, plan) for item in items])
        for record, items in rows_to_verify(dossier, records, plan=plan)
    ]


def _waiting(record: PageRecord, name: str, plan: InForce) -> Waiting:
    item = FORMS[record.form].items()[name]
    value, reason = record.values.get(name), record.missing.get(name)
    stored = (
        {"missing": reason}
        if value is None and reason
        else item.to_json(value)
        if value is not None
        else None
    )
    mark = record.verified.get(name)
    return Waiting(
        label=item.label,
        value=words(record.form, name, stored),
        old=words(record.form, name, mark.value) if mark else None,
        mark=f"{record.id}:{name}:{seen(record, name)}",
        critical=plan.is_critical(record.form, name),
    )
