"""The sentences about by-visit and 30-day endpoints: what was read before and at the visit."""

from __future__ import annotations

from outcomes import limb
from outcomes.derivation import Derived, windows
from outcomes.explanation_patency import result_step, visit_steps
from outcomes.records import Pressure
from outcomes.sayings import Cite, Line, Step, cite_of
from outcomes.time_to_event import EVENT, Source
from protocol import endpoints
from protocol.schedule import VISIT

PATENCY = ("PP", "APV", "SPV")
PRESSURES = ("ABICHG", "HEMO10", "HEMO15")
SAFETY_FAMILIES = {
    "SAFE30": ("DEATH", "MAJAMP", "CDTLR"),
    "SAFE30X": ("DEATH", "MAJAMP", "CDTLR"),
    "DEATH30": ("DEATH",),
}
SAFETY_KINDS = {
    "MI30": {"MI"},
    "BLEED30": {"BLEED"},
    "ORGAN30": {"AKI", "HF", "RESP", "HEP"},
    "SAFE30X": {"MI", "BLEED", "AKI", "HF", "RESP", "HEP"},
}
LAST_DAY = 30
Explained = tuple[str, list[Step], list[Line]]


def visit_explanation(derived: Derived, paramcd: str) -> Explained:
    """Return section, steps and hints of a by-visit or 30-day endpoint."""
    spec = endpoints.BY_VISIT.get(paramcd)
    value = str(derived.values[paramcd])
    if spec is None:
        return (
            "5.16",
            [Step("thirty_days", {}, _safety(derived, paramcd)), result_step(value)],
            [],
        )
    visit = paramcd.partition(".")[2]
    window = VISIT[visit].at(derived.version)
    facts = {"visit": visit, "lo": window.lo, "hi": window.hi}
    if spec.code in PATENCY:
        hints = []
        if value == "NE" and derived.course.death is None and derived.course.withdrawn is None:
            hints.append(Line("hint_duplex", {**facts, "until": window.hi, "until_date": {"day": window.hi}}))
        return spec.section, visit_steps(derived, spec.code, visit, value), hints
    if spec.code == "FRAC":
        lines = _films(derived, window.hi or 0)
    elif spec.code in PRESSURES:
        lines = _pressures(derived, visit)
    else:
        lines = _categories(derived, visit)
    return spec.section, [Step("at_visit", facts, lines), result_step(value)], []


def _categories(derived: Derived, visit: str) -> list[Line]:
    subject = derived.subject
    lines = []
    if subject.rutherford is None:
        lines.append(Line("no_baseline"))
    else:
        cite = Cite(subject.rutherford_page, "rutherford_target", "BCS", 0, 0)
        lines.append(Line("category", {"category": subject.rutherford}, cite))
    window = next(one for one in windows(derived.version).visits if one.visit == visit)
    found = limb.closest(limb.categories(subject, derived.course), window)
    if found is None:
        lines.append(Line("no_reading", {"lo": window.lo, "hi": window.hi}))
    else:
        source = Source("FU", 0, found.page, "fu_rutherford", found.day)
        lines.append(Line("category", {"category": found.rutherford}, cite_of(derived, source)))
    until = window.hi if found is None else found.day
    for family, say in (("TLR", "lost_tlr"), ("MAJAMP", "dated_by")):
        outcome = derived.families[family]
        if outcome.cnsr == EVENT and outcome.aval <= until and outcome.source is not None:
            lines.append(Line(say, {"day": outcome.aval}, cite_of(derived, outcome.source)))
    return lines


def _pressures(derived: Derived, visit: str) -> list[Line]:
    before = limb.baseline(derived.subject)
    window = next(one for one in windows(derived.version).visits if one.visit == visit)
    found = limb.closest(limb.pressures(derived.subject, derived.course), window)
    return [
        Line("no_baseline") if before is None else _measured(derived, before),
        Line("no_reading", {"lo": window.lo, "hi": window.hi})
        if found is None
        else _measured(derived, found),
    ]


def _measured(derived: Derived, pressure: Pressure) -> Line:
    source = Source("ABI", 0, pressure.page, "abi_date", pressure.day)
    said = {
        "abi": "–" if pressure.abi is None else f"{pressure.abi / 100:.2f}",
        "tbi": "–" if pressure.tbi is None else f"{pressure.tbi / 100:.2f}",
    }
    return Line("pressures", said, cite_of(derived, source))


def _films(derived: Derived, hi: int) -> list[Line]:
    lines = []
    for film in sorted(derived.subject.films, key=lambda film: film.day):
        if film.stent is None or not film.stent.startswith("DES"):
            continue
        fracture = {"list": "FRACT", "codes": [film.fracture] if film.fracture else []}
        cite = Cite(film.page, "xr_fracture", "XR", 0, film.day)
        say = "film_indistinct" if film.indistinct and film.fracture in tuple("12345") else "film"
        lines.append(Line(say, {"stent": film.stent, "fracture": fracture}, cite))
    return lines or [Line("no_reading", {"lo": 0, "hi": hi})]


def _safety(derived: Derived, paramcd: str) -> list[Line]:
    lines = []
    for family in SAFETY_FAMILIES.get(paramcd, ()):
        outcome = derived.families[family]
        if outcome.cnsr == EVENT and outcome.aval <= LAST_DAY and outcome.source is not None:
            lines.append(Line("dated_by", {"day": outcome.aval}, cite_of(derived, outcome.source)))
    wanted = SAFETY_KINDS.get(paramcd, set())
    for event in derived.subject.events:
        kinds = sorted(event.interest & wanted)
        if kinds and 0 <= event.when.first <= LAST_DAY:
            source = Source("AE", event.number, event.page, "ae_aesi", event.when.first)
            said = {
                "kinds": {"list": "AESI", "codes": kinds},
                "barc": "" if event.barc is None else event.barc,
            }
            say = "bleeding" if event.barc is not None else "adverse"
            lines.append(Line(say, said, cite_of(derived, source)))
    known = derived.course.known_vital if paramcd == "DEATH30" else derived.course.known_limb
    lines.append(Line("known_until", {"day": known.day}, cite_of(derived, known)))
    return lines
