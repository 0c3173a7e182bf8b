"""Why a result is what it is: numbered steps with the pages and items that decided them.

What is said is data (a sentence's name, its facts, the page and item it points at), so that a stored result
is small and is told in the reader's language; outcomes.sentences holds the words, outcomes.wording says them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from outcomes.derivation import WITH_MAJOR_AMPUTATION, Derived
from outcomes.explanation_patency import loss_line, visit_steps
from outcomes.judged import JudgedAmputation, JudgedProcedure
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
from protocol import revascularisation as rules
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
        return _visit(derived, paramcd)
    told = Explanation(spec.family.section, contacts=_contacts(derived))
    whole, outcome = derived.families[spec.family.code], derived.outcomes[paramcd]
    if spec.family in endpoints.PATENCY_FAMILIES:
        told.steps = _patency(derived, spec, whole)
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
        lines += _log_lines(derived, family, counted, limits)
    if counted is not None and not lines:
        lines.append(Line("dated_by", {"day": counted.day}, cite_of(derived, counted)))
    if counted is None:
        if not lines:
            lines.append(Line("log_empty" if family is not endpoints.DEATH else "no_death_page"))
        return Step("no_event", {}, lines[:MOST_LINES])
    lines.append(Line("adjudicated" if counted.adjudicated else "not_adjudicated"))
    return Step("event", {"day": counted.day}, lines[:MOST_LINES])


def _log_lines(derived: Derived, family: Family, counted: Source | None, limits: Thresholds) -> list[Line]:
    """Say of each logged procedure and amputation up to the event why it counts or does not."""
    lines = []
    for one in derived.judged.revascularisations:
        if counted is not None and one.source.day > counted.day:
            continue
        if family not in (endpoints.MAJAMP, endpoints.AFS, endpoints.MALEB):
            lines.append(_procedure_line(derived, family, one, counted, limits))
    if family.code in WITH_MAJOR_AMPUTATION:
        for amputation in derived.judged.amputations:
            if counted is None or amputation.source.day <= counted.day:
                lines.append(_amputation_line(derived, amputation, counted))
    if counted is not None and counted.kind in ("AE", "DTH"):
        lines.append(Line("dated_by", {"day": counted.day}, cite_of(derived, counted)))
    lines.sort(key=lambda line: line.cite is None or line.cite.page != (counted.page if counted else ""))
    return lines


def _procedure_line(
    derived: Derived, family: Family, one: JudgedProcedure, counted: Source | None, limits: Thresholds
) -> Line:
    cite = cite_of(derived, one.source)
    if counted is not None and one.source.page == counted.page:
        return _counts(family, one, cite)
    say, facts, item = _refusal(derived, family, one, limits)
    return Line(say, facts, cite if item is None else cite.at(item))


def _counts(family: Family, one: JudgedProcedure, cite: Cite) -> Line:
    driven = family.code.startswith("CDTLR")
    decided = one.decision
    if decided is not None and (decided.cd if driven else decided.tlr) == "Y":
        return Line("counts_committee", {}, cite)
    if rules.bypasses_target(one.rule) and family.blocked:
        return Line("counts_bypass", {}, cite.at("rev_byp_tl"))
    if not driven:
        return Line("counts_zone" if family.code == "TLR" else "counts_limb", {"mm": one.rule.edge_mm}, cite)
    if rules.symptomatic(one.rule.reasons):
        reasons = sorted(set(one.rule.reasons) & rules.SYMPTOMS)
        facts = {"mm": one.rule.edge_mm, "reasons": {"list": "CDREAS", "codes": reasons}}
        return Line("counts_symptom", facts, cite.at("rev_reasons"))
    return Line("counts_pressure", {"mm": one.rule.edge_mm, **_fall(one)}, cite.at("rev_abi_pre"))


def _fall(one: JudgedProcedure) -> dict[str, Any]:
    pressures = one.record.pressures
    before = (pressures.abi_reference, pressures.abi_before)
    if one.pressure == "TBI":
        before = (pressures.tbi_reference, pressures.tbi_before)
    index = one.pressure or "ABI"
    spoken = ["–" if value is None else f"{value / 100:.2f}" for value in before]
    return {"index": index, "reference": spoken[0], "before": spoken[1]}


def _refusal(
    derived: Derived, family: Family, one: JudgedProcedure, limits: Thresholds
) -> tuple[str, dict[str, Any], str | None]:
    """Return the first rule that keeps a procedure from counting, and the item that says so."""
    rule, subject = one.rule, derived.subject
    checks: tuple[tuple[bool, str, str | None], ...] = (
        (not one.confirmed, "not_confirmed", None),
        (rule.side != subject.limb, "other_limb", "rev_side"),
        (rule.kind == "DIAG", "diagnostic", "rev_kind"),
        (rule.day <= 0 and rule.separate != "Y", "index_session", "rev_separate"),
        (
            rules.is_staged_step(rule, staged_target=subject.staged_target, limits=limits),
            "staged",
            "rev_reasons",
        ),
    )
    for holds, say, item in checks:
        if holds:
            return say, {}, item
    if family.code in ("CDTLR", "CDTLRS", "CDTLR10M", "TLR") and not one.tlr:
        if "FP" not in rule.vessels:
            return "other_vessel", {"vessels": {"list": "REVVES", "codes": list(rule.vessels)}}, "rev_vessels"
        if rule.edge_mm is None:
            return "edge_unknown", {}, "rev_edge_mm"
        return "outside_zone", {"mm": rule.edge_mm, "margin": limits.tlr_margin_mm}, "rev_edge_mm"
    if family.code.startswith("CDTLR") and not one.clinically_driven:
        return _not_driven(one)
    if family is endpoints.CDTLR10M and not one.tlr_narrow:
        return "outside_zone", {"mm": rule.edge_mm, "margin": limits.narrow_margin_mm}, "rev_edge_mm"
    if family in (endpoints.TVR, endpoints.NTLTVR) and not one.tvr:
        return "other_vessel", {"vessels": {"list": "REVVES", "codes": list(rule.vessels)}}, "rev_vessels"
    if family is endpoints.MALE and not one.male:
        return "balloon_or_stent_only", {}, "rev_kind"
    return "too_late", {}, None


def _not_driven(one: JudgedProcedure) -> tuple[str, dict[str, Any], str | None]:
    if one.decision is not None and one.decision.cd == "N":
        return "committee_not_driven", {}, None
    if one.record.pressure_date_missing:
        return "pressure_date_missing", {}, "rev_abi_pre_date"
    pressures = one.record.pressures
    if pressures.abi_reference is None or pressures.abi_before is None:
        return "no_symptom_no_pressure", {}, "rev_reasons"
    if not rules.usable(pressures.abi_reference) or not rules.usable(pressures.abi_before):
        return "pressure_unusable", _fall(one), "rev_abi_pre"
    return "pressure_not_fallen", _fall(one), "rev_abi_pre"


def _amputation_line(derived: Derived, one: JudgedAmputation, counted: Source | None) -> Line:
    cite = cite_of(derived, one.source)
    level = {"level": {"list": "AMPLVL", "codes": [one.record.level] if one.record.level else []}}
    if counted is not None and one.source.page == counted.page:
        return Line("amputation_counts", level, cite.at("amp_level"))
    if not one.confirmed:
        return Line("not_confirmed", {}, cite)
    if one.record.side != derived.subject.limb:
        return Line("other_limb", {}, cite.at("amp_side"))
    return Line("amputation_minor" if not one.major else "too_late", level, cite.at("amp_level"))


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


def _patency(derived: Derived, spec: Endpoint, whole: Outcome) -> list[Step]:
    code = spec.family.code
    if whole.cnsr == EVENT and whole.source is not None:
        lost = Step("patency_lost", {"day": whole.aval}, [loss_line(derived, whole.source)])
        return [lost, Step("patent_before", {"left": whole.left or 0}, _last_seen(derived, code, whole.aval))]
    kept = Step("patency_kept", {}, _last_seen(derived, code, None))
    return [kept, Step("patency_censored", {"day": whole.aval}, [])]


def _last_seen(derived: Derived, code: str, before: int | None) -> list[Line]:
    """Say for each lesion when it was last seen patent (with flow, for assisted and secondary patency)."""
    shown: Callable[[Any], Sequence[Source]] = (
        (lambda here: here.patent) if code.startswith("PPAT") else (lambda here: here.flow)
    )
    lines = []
    for here in derived.lesions:
        seen = [source for source in shown(here) if before is None or source.day < before]
        if seen:
            last = max(seen, key=lambda source: source.day)
            lines.append(
                Line("seen_patent", {"lesion": here.lesion, "day": last.day}, cite_of(derived, last))
            )
        else:
            lines.append(Line("never_patent", {"lesion": here.lesion}))
    return lines


def _visit(derived: Derived, paramcd: str) -> Explanation:
    spec = endpoints.BY_VISIT.get(paramcd)
    section = "5.16" if spec is None else spec.section
    told = Explanation(section, contacts=_contacts(derived))
    value = derived.values[paramcd]
    if spec is not None and spec.code in ("PP", "APV", "SPV"):
        told.steps = visit_steps(derived, spec.code, paramcd.partition(".")[2], str(value))
    else:
        told.steps = [Step("value", {"value": value}, [])]
    return told
