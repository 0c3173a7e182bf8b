"""Compare what a worked example claims with what the derivation finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pandas as pd

from outcomes.derivation import Derived, of_lesion
from outcomes.enactment import PROC_DATE, consent, pages
from outcomes.enactment_events import Enacted
from outcomes.tables import plain
from outcomes.time_to_event import EVENT, Outcome
from outcomes.timelines import Claim, Timeline, holds
from protocol import endpoints


@dataclass(frozen=True, slots=True)
class Verdict:
    """One assertion of one timeline, and what was found."""

    timeline: Timeline
    claim: Claim
    found: str

    @property
    def passed(self) -> bool:
        """Say whether claim and finding agree."""
        return holds(self.claim, self.found)

    def __str__(self) -> str:
        word = "pass" if self.passed else "FAIL"
        says = f"expected {self.claim.expected}, found {self.found}"
        return f"{word}  {self.timeline.name:<12} {self.claim.name:<12} {says}"


def verdicts(timeline: Timeline, derived: Derived) -> Iterator[Verdict]:
    """Yield one verdict per assertion."""
    for claim in timeline.claims:
        yield Verdict(timeline, claim, finding(claim, derived))


def finding(claim: Claim, derived: Derived) -> str:
    """Return what was derived for a claim, in the notation of its right side."""
    paramcd = claim.paramcd
    if claim.lesion is not None:
        family = endpoints.ENDPOINT[paramcd].family
        return written(
            of_lesion(derived, claim.lesion, family.code), patency=family in endpoints.PATENCY_FAMILIES
        )
    if paramcd in derived.outcomes:
        outcome = derived.outcomes[paramcd]
        if claim.aalen_johansen:
            return f"AJ{outcome.state}@{outcome.aval}"
        return written(outcome, patency=endpoints.ENDPOINT[paramcd].family in endpoints.PATENCY_FAMILIES)
    if paramcd in derived.evaluable:
        return derived.evaluable[paramcd]
    return str(derived.values[paramcd])


def written(outcome: Outcome, *, patency: bool) -> str:
    """Write an outcome as E@d or Ck@d, with the last patent day for a loss of patency."""
    if outcome.cnsr == EVENT:
        return f"E@{outcome.aval} L={outcome.left}" if patency else f"E@{outcome.aval}"
    return f"C{outcome.cnsr}@{outcome.aval}"


def frames_of(timelines: Sequence[Timeline], proc: date = PROC_DATE) -> dict[str, pd.DataFrame]:
    """Build the frames that reading the entered pages of these timelines would give, without a database."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for timeline in timelines:
        ordinals: dict[str, int] = {}
        identities: dict[int, str] = {}
        for page in [consent(timeline, proc), *pages(timeline, proc)]:
            ordinals[page.form] = ordinals.get(page.form, 0) + 1
            identities[id(page)] = str(
                uuid5(NAMESPACE_OID, f"{timeline.name}/{page.form}/{ordinals[page.form]}")
            )
            rows.setdefault(page.form, []).append(
                {
                    "subject": timeline.name,
                    "site": "07",
                    "visit": page.visit,
                    "ordinal": ordinals[page.form],
                    "page": identities[id(page)],
                    **_values(page, identities),
                }
            )
    return {form: _typed(pd.DataFrame(found, dtype=object)) for form, found in rows.items()}


def _values(page: Enacted, identities: Mapping[int, str]) -> dict[str, Any]:
    if page.adjudicates is None:
        return page.values
    return {**page.values, "cec_source": identities[id(page.adjudicates)]}


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the columns the dtypes that outcomes.frames gives them."""
    for name in frame.columns:
        sample = next((value for value in frame[name] if value is not None and value == value), None)
        if isinstance(sample, datetime):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif isinstance(sample, date):
            frame[name] = pd.to_datetime(frame[name])
        elif isinstance(sample, Decimal):
            frame[name] = frame[name].astype("float64")
        elif isinstance(sample, int):
            frame[name] = frame[name].astype("Int64")
        else:
            frame[name] = plain(frame[name])
    return frame
