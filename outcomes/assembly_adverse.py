"""Adverse events as records, each bleeding with its BARC type."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from outcomes.columns import number
from outcomes.records import AdverseEvent, Subject, When
from protocol import clinical
from protocol.partial_dates import PartialDate


def when(text: Any, proc: int) -> When | None:
    """Return the days that a stored date or part of one can mean, None where there is none."""
    if text is None:
        return None
    parts = PartialDate.of(text)
    return When(number(parts.earliest) - proc, number(parts.latest) - proc)


def adverse_events(subject: Subject, rows: Iterator[tuple]) -> None:
    """Fill in the adverse events of a subject."""
    for page, ordinal, text, interest, limb, serious, outcome, rrt, admitted, discharged, *bleeding in rows:
        moment = when(text, subject.proc)
        if moment is None:
            continue
        stays = [
            stay.first for stay in (when(admitted, subject.proc), when(discharged, subject.proc)) if stay
        ]
        kinds = frozenset(interest or ())
        subject.events.append(
            AdverseEvent(
                ordinal,
                moment,
                page,
                kinds,
                limb,
                serious == "Y",
                _barc(outcome, *bleeding) if "BLEED" in kinds else None,
                rrt == "Y",
                max(stays, default=None),
            )
        )


def _barc(
    outcome: str | None,
    critical: str | None,
    before: int | None,
    nadir: int | None,
    units: float | None,
    surgery: str | None,
    vasoactive: str | None,
    actionable: str | None,
    investigator: str | None,
) -> str | None:
    """Return the derived BARC type, the investigator's where the items do not decide it (§5.16)."""
    derived = clinical.barc(
        clinical.Bleeding(
            fatal=outcome == "FAT",
            critical_site=critical,
            hb_before=before,
            hb_nadir=nadir,
            red_cell_units=None if units is None else Decimal(str(units)),
            intervention=surgery,
            vasoactive=vasoactive,
            actionable=actionable,
        )
    )
    return derived or investigator
