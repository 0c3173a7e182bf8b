"""Which version of the protocol a page is entered by, and the items that this version asks (EDQ-08).

A stored page keeps the version that it was entered with. A new page takes the version in force at its site
on the day of its visit, as far as a page of that visit has told that day already, and else on the day of
entry: a visit of before an amendment that is typed in late is not asked what nobody asked then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from audit import clock
from protocol import version as protocol
from sites import versions
from visits.crfs.base import Crf
from visits.dossier import Dossier
from visits.items import Item

DAY_OF_VISIT = {
    "IC": "screening_date",
    "PR": "proc_date",
    "PP": "pp_date",
    "DISC": "disc_date",
    "FU": "fu_date",
    "EXIT": "exit_date",
}
"""The item that says on which day a visit took place, by the form that leads the visit."""


def day_of_visit(dossier: Dossier, visit: str | None) -> date | None:
    """Return the day of a visit as its leading page gives it; None while that is not known, and for logs."""
    if visit is None:
        return None
    days = (
        page.get(DAY_OF_VISIT[page.form])
        for page in dossier.standing()
        if page.visit == visit and page.form in DAY_OF_VISIT
    )
    return next((day for day in days if day is not None), None)


def version_for(dossier: Dossier, visit: str | None) -> str:
    """Return the version by which a new page is entered; at most one statement for a whole dossier."""
    if not protocol.AMENDMENTS:
        return protocol.FIRST
    if dossier.in_force is None:
        dossier.in_force = versions.in_force_at(dossier.subject.site_id)
    return versions.version_on(dossier.in_force, day_of_visit(dossier, visit) or clock.today())


def items_for(crf: type[Crf], version: str, stored: Mapping[str, Any]) -> dict[str, Item]:
    """Return the items of a version for a page that holds these values; retired codes that stand may stay."""
    return {name: item.keeping(stored.get(name)) for name, item in crf.items_at(version).items()}
