"""The leg beside a page: as it is stored, with what stands in the boxes laid over."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from audit import clock
from protocol.thresholds import Thresholds
from sites.models import Study
from visits.capture.forms import PageForm
from visits.dossier import Dossier, PageRecord
from visits.drawing import leg
from visits.drawing.leg import Leg
from visits.pages.sheet import Sheet

SHOWN_ON = frozenset({"PS", "LES", "PR", "PRL", "DCB", "BMS", "DES", "DUS", "XR", "IMG", "REV"})
"""The forms that speak of places along the vessel."""


def leg_of(sheet: Sheet) -> Leg:
    """Return the drawing beside a page, with the study's own margin around the device edges."""
    limits = Thresholds.from_config(Study.objects.values_list("config", flat=True).first() or {})
    return leg.draw(as_typed(sheet), margin=limits.tlr_margin_mm)


def as_typed(sheet: Sheet) -> Dossier:
    """Return the dossier as it would be with what is typed; what cannot be read is left as stored."""
    bound = [form for form in sheet.forms if form.is_bound and (form.record or not form.is_blank())]
    if not bound:
        return sheet.dossier
    laid_over = {form.record.id: _typed(form.record, form) for form in bound if form.record}
    pages = [laid_over.get(page.id, page) for page in sheet.dossier.pages]
    pages += [_new(sheet, form) for form in bound if form.record is None]
    return replace(sheet.dossier, pages=pages)


def _typed(record: PageRecord, form: PageForm) -> PageRecord:
    return replace(record, values={**record.values, **_readable(form)})


def _readable(form: PageForm) -> dict[str, Any]:
    form.is_valid()
    return {name: value for name, value in form.known().items() if name not in form.errors}


def _new(sheet: Sheet, form: PageForm) -> PageRecord:
    """Return the record that is being added, under the name that it would get."""
    same = [page.ordinal for page in sheet.dossier.pages if page.form == sheet.crf.form]
    empty = PageRecord(
        id=uuid.uuid4(),
        form=sheet.crf.form,
        visit=sheet.visit,
        visit_code=sheet.visit_code,
        visit_id=None,
        ordinal=max(same, default=0) + 1,
        revision=0,
        removed=False,
        not_done=False,
        not_done_reason="",
        form_version="",
        unanswered=0,
        entered_at=clock.now(),
    )
    return replace(empty, values=_readable(form))
