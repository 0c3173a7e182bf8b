"""Why a result is what it is: numbered steps with the pages and items that decided them.

What is said is data (a sentence's name, its facts, the page and item it points at), so that a stored result
is small and is told in the reader's language; outcomes.sentences holds the words, outcomes.wording says them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from outcomes.derivation import Derived
from outcomes.explanation_log import log_lines
from outcomes.explanation_patency import patency_steps
from outcomes.explanation_visits import visit_explanation
from outcomes.sayings import Cite, Line, Step, cite_of
from outcomes.time_to_event import (
    ABOVE_KNEE,
    DEATH,
    EVENT,
    LAST_CONTACT,
    WITHDRAWN,
    Outcome,
    Source,
)
from protocol import endpoints
from protocol.endpoints import Endpoint, Family
from protocol.schedule import VISIT
from protocol.thresholds import DEFAULTS, Thresholds

LAST_WINDOW_DAY = VISIT["M24"].hi or 790
MOST_LINES = 8


@dataclass(slots=True)
class Explanation:
    """The steps to one result, the dates on its line, and what could still complete it."""

    section: str
    steps: list[Step] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    hints: list[Line] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "section": self.section,
            "steps": [step.as_json() for step in self.steps],
            "contacts": self.contacts,
            "hints": [line.as_json() for line in self.hints],
        }


def explain(derived: Derived, paramcd: str, *, limits: Thresholds = DEFAULTS) -> Explanation:
    """Explain one result of a subject, by PARAMCD or by-visit name (PP.M12)."""
    spec = endpoints.ENDPOINT.get(paramcd)
    if spec is None:
        section, steps, hints = visit_explanation(derived, paramcd)
        return Explanation(section, steps, _contacts(derived), hints)
    told = Explanation(spec.family.section, contacts=_contacts(derived))
    whole, outcome = derived.families[spec.family.code], derived.outcomes[paramcd]
    if spec.family in endpoints.PATENCY_FAMILIES:
        told.steps = patency_steps(derived, spec.family.code, whole)
        return told
    told.steps.append(_event_step(derived, spec, whole, limits))
    if whole.cnsr != EVENT:
        told.steps.append(_end_step(derived, spec.family, whole))
    if whole.cnsr == LAST_CONTACT:
        told.steps.append(_contact_step(derived, spec.family, whole))
    if spec.horizon is not None:
        told.steps.append(_horizon_step(derived, spec, whole, limits))
    told.hints = _hints(derived, spec, outcome)
    return told


def _contacts(derived: Derived) -> list[int]:
    return sorted({contact.day for contact in derived.subject.contacts if contact.form == "FU"})


def _event_step(derived: Derived, spec: Endpoint, whole: Outcome, limits: Thresholds) -> Step:
    family = spec.family
    counted = whole.source if whole.cnsr == EVENT else None
    lines: list[Line] = []
    if family.category is not endpoints.Category.SURVIVAL or family is endpoints.AFS:
        lines += log_lines(derived, family, counted, limits)
    if counted is not None and not lines:
        lines.append(Line("dated_by", {"day": counted.day}, cite_of(derived, counted)))
    if counted is None:
        if not lines:
            lines.append(Line("log_empty" if family is not endpoints.DEATH else "no_death_page"))
        return Step("no_event", {}, lines[:MOST_LINES])
    lines.append(Line("adjudicated" if counted.adjudicated else "not_adjudicated"))
    return Step("event", {"day": counted.day}, lines[:MOST_LINES])


def _end_step(derived: Derived, family: Family, whole: Outcome) -> Step:
    if whole.cnsr in (DEATH, ABOVE_KNEE, WITHDRAWN) and whole.source is not None:
        say = {DEATH: "died", ABOVE_KNEE: "above_knee", WITHDRAWN: "withdrew"}[whole.cnsr]
        cite = cite_of(derived, whole.source)
        return Step(say, {"day": whole.aval}, [Line("dated_by", {"day": whole.aval}, cite)])
    lines = []
    alive = [contact for contact in derived.subject.contacts if contact.alive]
    latest = max(alive, key=lambda contact: contact.day, default=None)
    if latest is not None:
        item = "disc_vital" if latest.form == "DISC" else "vital_status"
        source = Source(latest.form, 0, latest.page, item, latest.day)
        lines.append(Line("alive", {"day": latest.day}, cite_of(derived, source)))
    leaving = derived.subject.exit
    if leaving is None:
        lines.append(Line("no_exit"))
    else:
        facts = {"reason": {"list": "EXITREAS", "codes": [leaving.reason] if leaving.reason else []}}
        lines.append(
            Line("exit_reason", facts, Cite(leaving.page, "exit_reason", "EXIT", 0, leaving.day or 0))
        )
    return Step("nothing_ended" if family.blocked else "nothing_ended_limb", {}, lines)


def _contact_step(derived: Derived, family: Family, whole: Outcome) -> Step:
    course = derived.course
    count = len({(source.page, source.day) for source in course.seen})
    lines = []
    if whole.source is not None:
        lines.append(Line("latest_of", {"count": count, "day": whole.aval}, cite_of(derived, whole.source)))
    if not family.vital:
        later = _later_unused(derived, whole.aval)
        if later is not None:
            lines.append(Line("does_not_count", {"day": later.day}, cite_of(derived, later)))
    return Step("last_contact" if not family.vital else "last_alive", {"day": whole.aval}, lines)


def _later_unused(derived: Derived, day: int) -> Source | None:
    """Return the latest date after the last contact that proves life but not the state of the limb."""
    subject = derived.subject
    later = [Source("LB", 0, one.page, "lb_dt", one.day) for one in subject.laboratory if one.day > day]
    later += [
        Source("AE", one.number, one.page, "ae_start", one.when.first)
        for one in subject.events
        if one.when.first > day
    ]
    later += [
        Source("FU", 0, one.page, "tlr_status_known", one.day)
        for one in subject.contacts
        if one.day > day and not one.known and not one.in_person
    ]
    return max(later, key=lambda source: source.day, default=None)


def _horizon_step(derived: Derived, spec: Endpoint, whole: Outcome, limits: Thresholds) -> Step:
    horizon = spec.horizon or 0
    reason = {"list": "CNSR", "codes": [str(whole.cnsr)]}
    facts: dict[str, Any] = {"day": whole.aval, "horizon": horizon, "reason": reason, "cnsr": whole.cnsr}
    if whole.cnsr == EVENT:
        say = "event_in_horizon" if whole.aval <= horizon else "event_after_horizon"
    elif whole.aval > horizon or (whole.aval == horizon and whole.cnsr in (LAST_CONTACT, WITHDRAWN)):
        say = "reached_horizon"
    else:
        say = "before_horizon"
    lines = []
    if say == "before_horizon":
        lines.append(Line("censored_day", facts))
    answer = derived.evaluable.get(spec.binary or "")
    if answer is not None:
        lines.append(Line(f"proportion_{answer}", {"day": whole.aval, "low": limits.low[horizon]}))
    return Step(say, facts, lines)


def _hints(derived: Derived, spec: Endpoint, outcome: Outcome) -> list[Line]:
    """Say what a site can still enter to complete this result."""
    hints = []
    if spec.family.blocked:
        for one in derived.judged.revascularisations:
            ours = one.decision is None and one.rule.side == derived.subject.limb and one.therapeutic
            if ours and "FP" in one.rule.vessels and one.rule.edge_mm is None:
                hints.append(Line("hint_edge", {}, cite_of(derived, one.source).at("rev_edge_mm")))
            if ours and one.record.pressure_date_missing:
                hints.append(
                    Line("hint_pressure_date", {}, cite_of(derived, one.source).at("rev_abi_pre_date"))
                )
    leaving = derived.subject.exit
    still_here = leaving is None or leaving.reason == "LTFU"
    horizon = spec.horizon
    if horizon is None or outcome.cnsr != LAST_CONTACT or not still_here or horizon > LAST_WINDOW_DAY:
        return hints
    until = max(LAST_WINDOW_DAY, horizon)
    say = "hint_alive" if spec.family.vital else "hint_contact"
    hints.append(Line(say, {"horizon": horizon, "until": until, "until_date": {"day": until}}))
    return hints
