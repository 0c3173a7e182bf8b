"""Recording in one step that a follow-up visit was missed, and taking that back.

A missed visit is a follow-up page that says so, with the reason (protocol §3, FU); nothing else is expected
of it then. Taking it back empties that answer with a reason: the page waits for what really happened.
"""

from __future__ import annotations

from enum import StrEnum

from audit.actors import Actor
from audit.context import Reason
from protocol.schedule import SCHEDULED_FU
from visits.capture import edition
from visits.capture.entry import PageEntry, Saved
from visits.capture.save import save_pages
from visits.dossier import Dossier, PageRecord
from visits.pages.neighbours import has_opened

MISSED = "MISS"


class Standing(StrEnum):
    """What the record says of a visit, as far as missing it is concerned."""

    AWAITED = "awaited"
    NOT_YET = "not-yet"
    MISSED = "missed"
    ENTERED = "entered"


def follow_up(dossier: Dossier, visit: str) -> PageRecord | None:
    """Return the follow-up page of a visit."""
    return next((page for page in dossier.at(visit, "FU") if not page.removed), None)


def standing(dossier: Dossier, visit: str) -> Standing:
    """Say whether a visit can be recorded as missed; ValueError for one without a window to miss."""
    if visit not in SCHEDULED_FU:
        raise ValueError(f"visit {visit} cannot be missed")
    page = follow_up(dossier, visit)
    if page is not None and page.get("contact_mode") == MISSED:
        return Standing.MISSED
    if any(one.visit == visit and not one.removed for one in dossier.pages):
        emptied = page is not None and not page.values and not page.missing and not page.not_done
        alone = [one.form for one in dossier.pages if one.visit == visit and not one.removed] == ["FU"]
        return Standing.AWAITED if emptied and alone else Standing.ENTERED
    opened = has_opened(visit, dossier.proc_date, edition.version_for(dossier, None))
    return Standing.AWAITED if opened else Standing.NOT_YET


def miss(dossier: Dossier, *, visit: str, why: str, by: Actor) -> Saved:
    """Record that a visit was missed, with the reason; raises what save_pages raises."""
    page = follow_up(dossier, visit)
    values: dict[str, str | None] = {"contact_mode": MISSED, "miss_reason": why}
    return save_pages([_entry(dossier, visit, page, values)], by=by)


def take_back(dossier: Dossier, *, visit: str, why: str, by: Actor) -> Saved:
    """Empty the answer that a visit was missed, for a reason; raises what save_pages raises."""
    page = follow_up(dossier, visit)
    values: dict[str, str | None] = {"contact_mode": None, "miss_reason": None}
    return save_pages([_entry(dossier, visit, page, values)], by=by, reason=Reason("OTHER", why))


def _entry(dossier: Dossier, visit: str, page: PageRecord | None, values: dict[str, str | None]) -> PageEntry:
    return PageEntry(
        subject_id=dossier.subject.pk,
        form="FU",
        visit=visit,
        values=values,
        page_id=page.id if page else None,
        revision=page.revision if page else 0,
    )
