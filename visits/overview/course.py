"""One subject's course through the schedule: which visits are owed and when, and what those taken lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from protocol.partial_dates import PartialDate
from protocol.schedule import EXPECTED, SCHEDULED_FU, expected_forms, visit_at, window_dates
from protocol.version import FIRST
from subjects.status import Status
from visits.consent_gate import BEFORE_CONSENT
from visits.crfs import FORMS
from visits.facts import SubjectFacts
from visits.overview.status import CellFacts

NEEDS_ATTENDANCE = frozenset({"ABI", "DUS", "LB", "XR"})
BEFORE_TREATMENT = (Status.SCREENING, Status.ELIGIBLE)


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit that took place; `lacking` is the first form with an item left open.

    `to_sign` counts the pages without a valid signature, `broken` those of them whose signature broke.
    """

    forms: frozenset[str]
    unanswered: int
    all_not_done: bool
    all_locked: bool
    contact: str
    tests_excused: bool
    lacking: str
    to_sign: int = 0
    broken: int = 0

    @property
    def missed(self) -> bool:
        """Whether the visit did not take place."""
        return self.contact == "MISS" or self.all_not_done

    @property
    def attended(self) -> bool:
        """Whether tests could be made: somebody came, and nobody said why they were not."""
        return self.contact not in ("TEL", "REC", "MISS") and not self.tests_excused


def ended_on(known: SubjectFacts) -> date | None:
    """Return the day on which visits stopped being owed: the first of death and exit."""
    ends = [known.exit_date] if known.exit_date else []
    if known.death_date:
        ends.append(PartialDate.parse(known.death_date).earliest)
    return min(ends, default=None)


def _open_before_consent(forms: Mapping[str, str]) -> Mapping[str, str]:
    return {form: need for form, need in forms.items() if form in BEFORE_CONSENT}


@dataclass(frozen=True)
class Course:
    """One subject's schedule: which visits are owed, when, and what those that took place lack.

    `version` is the one by which the subject's site works today: it says when a visit that is still to come
    is owed.
    """

    known: SubjectFacts
    taken: Mapping[str, VisitFacts]
    ended: date | None
    today: date
    version: str = FIRST

    @property
    def treated(self) -> bool:
        """Whether a study device was introduced."""
        return self.known.facts.study_dev_introduced == "Y"

    @cached_property
    def over(self) -> bool:
        """Whether the subject has left the study, or never entered it."""
        return self.ended is not None or self.known.status is Status.SCREEN_FAIL

    @cached_property
    def owed(self) -> Mapping[str, Mapping[str, str]]:
        """Return the forms owed by visit; before treatment the screening visit whole, once there is consent.

        Before that only what may be opened is owed (visits.consent_gate).
        """
        if self.known.status in BEFORE_TREATMENT:
            every = {code: EXPECTED[code] for code in EXPECTED if code != "UNS"}
            if self.known.facts.consent_obtained == "Y":
                return every
            return {code: _open_before_consent(forms) for code, forms in every.items()}
        return expected_forms(
            treated=self.treated,
            stented=self.known.as_treated in ("DES", "MIXED"),
            proc_date=self.known.proc_date,
            ended=self.ended,
            version=self.version,
        )

    def cell(self, column: str) -> tuple[CellFacts, str, tuple[str, ...]]:
        """Return a visit's facts (without queries), its key, and the required forms that it lacks."""
        keys = [column] if column in self.taken else []
        if column == "UNS":
            keys = [key for key in self.taken if key.startswith("UNS")]
        opens, closes = self._window(column)
        forms = self.owed.get(column, {})
        target = self._target(column)
        if not keys:
            return CellFacts(owed=bool(forms), opens=opens, closes=closes, target=target), column, ()
        visits = {key: self.taken[key] for key in keys}
        lacking = {key: self._lacking(column, visit, forms) for key, visit in visits.items()}
        wanting = [key for key in keys if lacking[key] or visits[key].unanswered]
        key = min(wanting or keys, key=lambda name: (len(name), name))
        facts = CellFacts(
            owed=bool(forms),
            entered=True,
            unfinished=bool(wanting),
            missed=all(visit.missed for visit in visits.values()),
            locked=all(visit.all_locked for visit in visits.values()),
            to_sign=sum(visit.to_sign for visit in visits.values()),
            broken=sum(visit.broken for visit in visits.values()),
            signed=all(visit.to_sign == 0 for visit in visits.values()),
            opens=opens,
            closes=closes,
            target=target,
        )
        return facts, key, lacking[key]

    def _lacking(self, column: str, visit: VisitFacts, forms: Mapping[str, str]) -> tuple[str, ...]:
        if visit.missed:
            return ()
        waived = NEEDS_ATTENDANCE if column in SCHEDULED_FU and not visit.attended else frozenset()
        there = visit.forms | waived
        return tuple(form for form, need in forms.items() if need == "R" and form not in there)

    def _window(self, column: str) -> tuple[date | None, date | None]:
        proc = self.known.proc_date
        if column == "SCR":
            return self.today, None
        if column == "EOS":
            return self._end_of_study(), None
        if column == "PROC" and proc is None:
            return (self.today if self.known.status is Status.ELIGIBLE else None), None
        if column == "UNS" or proc is None:
            return None, None
        return window_dates(column, proc, self.version)

    def _target(self, column: str) -> date | None:
        """Return the day that a follow-up visit aims at."""
        proc = self.known.proc_date
        if proc is None or column not in SCHEDULED_FU:
            return None
        day = visit_at(column, self.version).target_day
        return None if day is None else proc + timedelta(days=day)

    def _end_of_study(self) -> date | None:
        """Return the day from which the exit page is awaited: a death, or the end of the last window."""
        if self.ended is not None:
            return self.ended
        if self.known.status is Status.SCREEN_FAIL:
            return self.today
        if self.known.proc_date is None:
            return None
        last = window_dates("M24", self.known.proc_date, self.version)[1]
        return self.today if "M24" in self.taken else last + timedelta(days=1)

    def form(self, column: str, visit: str, lacking: tuple[str, ...]) -> str:
        """Return the form of a visit that wants attention first."""
        taken = self.taken.get(visit)
        if taken is not None:
            if taken.lacking:
                return taken.lacking
            return lacking[0] if lacking else next((f for f in FORMS if f in taken.forms), "FU")
        return "FU" if column in SCHEDULED_FU or column == "UNS" else next(iter(EXPECTED[column]))
