"""The sentences about patency: which reading or treatment lost it, and what a visit's window shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from outcomes.derivation import Derived
from outcomes.patency import open_sources
from outcomes.sayings import Line, Step, cite_of
from outcomes.time_to_event import EVENT, Outcome, Source
from protocol.endpoints import ANSWERS
from protocol.patency import OCCLUDED
from protocol.schedule import VISIT

FAMILY = {"PP": "PPAT", "APV": "APAT", "SPV": "SPAT"}


def loss_line(derived: Derived, source: Source) -> Line:
    """Say what lost patency: a reading, a target lesion revascularisation, or the index result itself."""
    cite = cite_of(derived, source)
    if source.kind == "REV":
        return Line("lost_tlr", {"day": source.day}, cite)
    if source.kind == "PRL":
        return Line("lost_at_index", {"lesion": source.lesion or ""}, cite)
    reading = next(
        (one for one in derived.subject.readings if one.page == source.page and one.day == source.day), None
    )
    facts: dict[str, object] = {"lesion": source.lesion or "", "day": source.day}
    if reading is None:
        return Line("lost_reading", facts, cite)
    if reading.status == OCCLUDED:
        item = "dus_occlusion" if reading.form == "DUS" else "img_sten_pct"
        return Line("lost_occluded", facts, cite.at(item))
    if reading.value is None:
        return Line("lost_category", facts, cite.at("stenosis_cat"))
    if reading.form == "IMG":
        return Line("lost_angiography", {**facts, "pct": reading.value}, cite.at("img_sten_pct"))
    return Line("lost_psvr", {**facts, "psvr": f"{reading.value / 100:.2f}"}, cite.at("psvr"))


def result_step(value: str) -> Step:
    """Return the last step of an endpoint that is answered with yes, no, not evaluable, or a number."""
    said = {"list": "ANSWER", "codes": [value]} if value in ANSWERS else value
    return Step("value", {"value": said})


def visit_steps(derived: Derived, code: str, visit: str, value: str) -> list[Step]:
    """Explain primary, assisted or secondary patency at one visit."""
    window = VISIT[visit].at(derived.version)
    facts = {"visit": visit, "lo": window.lo, "hi": window.hi}
    loss = derived.families[FAMILY[code]]
    if value == "N" and loss.source is not None:
        return [
            Step("visit_lost", {**facts, "day": loss.aval}, [loss_line(derived, loss.source)]),
            result_step(value),
        ]
    lost = loss.aval if loss.cnsr == EVENT else None
    lines = []
    for here in derived.lesions:
        shown = {"PP": here.patent, "APV": here.flow}.get(code) or (
            open_sources(here) if code == "SPV" else []
        )
        proof = [one for one in shown if one.day >= (window.lo or 0) and (lost is None or one.day < lost)]
        first = min(proof, key=lambda one: one.day, default=None)
        if first is None:
            lines.append(Line("no_proof", {"lesion": here.lesion, **facts}))
        else:
            late = first.day > (window.hi or 0)
            say = "proof_later" if late else "proof"
            lines.append(Line(say, {"lesion": here.lesion, "day": first.day}, cite_of(derived, first)))
    return [
        Step("visit_shown" if value == "Y" else "visit_not_shown", facts, lines),
        result_step(value),
    ]


def patency_steps(derived: Derived, code: str, whole: Outcome) -> list[Step]:
    """Explain the loss of patency, or until when it was seen kept."""
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
