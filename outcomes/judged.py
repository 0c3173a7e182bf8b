"""Logged procedures, amputations and limb events, judged: by the rules, then by the committee.

A final decision of the committee governs (§5.1): its date, TLR, clinically driven, TVR and MALE replace the
rule's, and an event it does not confirm counts for no endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from outcomes import dates
from outcomes.records import AdverseEvent, Amputation, Decision, Procedure, Subject, When
from outcomes.time_to_event import Source
from protocol import revascularisation as rules
from protocol.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class JudgedProcedure:
    """One revascularisation and every endpoint that it counts for."""

    record: Procedure
    rule: rules.Revascularisation
    source: Source
    decision: Decision | None
    confirmed: bool
    therapeutic: bool
    tlr: bool
    tlr_narrow: bool
    clinically_driven: bool
    tvr: bool
    tlimb: bool
    male: bool
    pressure: str | None


@dataclass(frozen=True, slots=True)
class JudgedAmputation:
    """One amputation; `major` already means of the target limb."""

    record: Amputation
    source: Source
    decision: Decision | None
    confirmed: bool
    target: bool
    major: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was judged for one subject, in order of date."""

    revascularisations: tuple[JudgedProcedure, ...]
    amputations: tuple[JudgedAmputation, ...]
    limb_ischaemias: tuple[Source, ...]


def judge(subject: Subject, limits: Thresholds) -> Judged:
    """Judge every log row of a subject."""
    return Judged(
        tuple(_procedure(one, subject, limits) for one in subject.procedures),
        tuple(_amputation(one, subject) for one in subject.amputations),
        tuple(_limb_ischaemias(subject)) if subject.events else (),
    )


def _call(decided: str | None, derived: bool) -> bool:
    return derived if decided is None else decided == "Y"


def _procedure(record: Procedure, subject: Subject, limits: Thresholds) -> JudgedProcedure:
    decision = subject.decisions.get(record.page)
    confirmed = decision is None or decision.event != "N"
    day = (
        decision.day
        if decision is not None and decision.day is not None
        else _revascularised(subject, record.when)
    )
    rule = record.rule if record.rule.day == day else replace(record.rule, day=day)
    limb, staged = subject.limb, subject.staged_target
    therapeutic = rules.is_therapeutic(rule, staged_target=staged, limits=limits)
    tlr = therapeutic and rules.in_zone(rule, limb=limb, margin_mm=limits.tlr_margin_mm)
    narrow = therapeutic and rules.in_zone(rule, limb=limb, margin_mm=limits.narrow_margin_mm)
    pressure = rules.pressure_drop(record.pressures, limits=limits)
    driven = rules.symptomatic(rule.reasons) or pressure is not None
    tvr = rules.is_tvr(rule, limb=limb, staged_target=staged, limits=limits)
    tlimb = therapeutic and rule.side == limb
    male = tlimb and rules.is_major_reintervention(rule)
    if decision is not None:
        tlr, driven = _call(decision.tlr, tlr), _call(decision.cd, driven)
        narrow = narrow and tlr
        tvr = tlr or _call(decision.tvr, tvr)
        tlimb = tlimb or tvr
        male = _call(decision.male, male)
    return JudgedProcedure(
        record=record,
        rule=rule,
        source=Source(
            "REV", record.number, record.page, "rev_date", day, decision is not None, record.lesion
        ),
        decision=decision,
        confirmed=confirmed,
        therapeutic=therapeutic,
        tlr=confirmed and tlr,
        tlr_narrow=confirmed and narrow,
        clinically_driven=confirmed and driven,
        tvr=confirmed and (tvr or tlr),
        tlimb=confirmed and (tlimb or tlr),
        male=confirmed and male,
        pressure=pressure,
    )


def _amputation(record: Amputation, subject: Subject) -> JudgedAmputation:
    decision = subject.decisions.get(record.page)
    confirmed = decision is None or decision.event != "N"
    day = (
        decision.day
        if decision is not None and decision.day is not None
        else _amputated(subject, record.when)
    )
    target = record.side is not None and record.side == subject.limb
    major = target and rules.is_major(record.level)
    if decision is not None:
        major = _call(decision.major, major)
    return JudgedAmputation(
        record=record,
        source=Source("AMP", record.number, record.page, "amp_date", day, decision is not None),
        decision=decision,
        confirmed=confirmed,
        target=confirmed and target and day >= 0,
        major=confirmed and major,
    )


def _limb_ischaemias(subject: Subject) -> list[Source]:
    found = []
    for event in subject.events:
        decision = subject.decisions.get(event.page)
        if "ALI" not in event.interest or event.limb != subject.limb:
            continue
        if decision is not None and (decision.event == "N" or decision.male == "N"):
            continue
        day = adverse_day(subject, event, decision)
        if day >= 0:
            found.append(Source("AE", event.number, event.page, "ae_start", day, decision is not None))
    return found


def adverse_day(subject: Subject, event: AdverseEvent, decision: Decision | None) -> int:
    """Return the day on which an adverse event counts."""
    if decision is not None and decision.day is not None:
        return decision.day
    return dates.event_day(event.when, free=[contact.day for contact in subject.contacts if contact.no_event])


def _revascularised(subject: Subject, when: When) -> int:
    if when.complete:
        return when.first
    return dates.event_day(
        when,
        free=[contact.day for contact in subject.contacts if contact.no_revascularisation],
        reported=[contact.day for contact in subject.contacts if contact.reports_revascularisation],
    )


def _amputated(subject: Subject, when: When) -> int:
    if when.complete:
        return when.first
    return dates.event_day(
        when,
        free=[contact.day for contact in subject.contacts if contact.no_amputation],
        reported=[contact.day for contact in subject.contacts if contact.reports_amputation],
    )
