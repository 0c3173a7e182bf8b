"""The sentences about patency: which reading or treatment lost it, and what a visit's window shows."""

from __future__ import annotations

from outcomes.derivation import Derived
from outcomes.patency import open_sources
from outcomes.sayings import Line, Step, cite_of
from outcomes.time_to_event import EVENT, Source
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


def visit_steps(derived: Derived, code: str, visit: str, value: str) -> list[Step]:
    """Explain primary, assisted or secondary patency at one visit."""
    window = VISIT[visit]
    facts = {"visit": visit, "lo": window.lo, "hi": window.hi}
    loss = derived.families[FAMILY[code]]
    if value == "N" and loss.source is not None:
        return [
            Step("visit_lost", {**facts, "day": loss.aval}, [loss_line(derived, loss.source)]),
            Step("value", {"value": value}, []),
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
        Step("value", {"value": value}, []),
    ]
