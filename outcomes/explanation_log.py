"""Why a logged procedure or amputation counts for an endpoint or does not: the first rule that decides it."""

from __future__ import annotations

from typing import Any

from outcomes.derivation import WITH_MAJOR_AMPUTATION, Derived
from outcomes.judged import JudgedAmputation, JudgedProcedure
from outcomes.sayings import Cite, Line, cite_of
from outcomes.time_to_event import Source
from protocol import endpoints
from protocol import revascularisation as rules
from protocol.endpoints import Family
from protocol.thresholds import Thresholds


def log_lines(derived: Derived, family: Family, counted: Source | None, limits: Thresholds) -> list[Line]:
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
