"""All endpoints of one subject from its records (protocol §5); the same for a save and for a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from outcomes import follow_up, limb, patency, safety
from outcomes.judged import Judged, JudgedProcedure, judge
from outcomes.limb import Window
from outcomes.patency import LesionCourse
from outcomes.records import Subject
from outcomes.time_to_event import EVENT, Course, Outcome, Source, at_horizon, evaluable, tte
from protocol import endpoints
from protocol.schedule import VISIT
from protocol.thresholds import DEFAULTS, Thresholds
from protocol.version import FIRST

REVASCULARISATIONS: dict[str, Callable[[JudgedProcedure], bool]] = {
    "CDTLR": lambda one: one.tlr and one.clinically_driven,
    "CDTLRS": lambda one: one.tlr and one.clinically_driven and (one.record.stenosis_pct or 0) >= 50,
    "CDTLR10M": lambda one: one.tlr_narrow and one.clinically_driven,
    "TLR": lambda one: one.tlr,
    "TVR": lambda one: one.tvr,
    "NTLTVR": lambda one: one.tvr and not one.tlr,
    "TLIMB": lambda one: one.tlimb,
    "MALE": lambda one: one.male,
    "MALEC": lambda one: one.tlimb,
}
"""Which revascularisations are events of which family; amputation, ischaemia and death join in `_events`."""
OBSERVED = tuple(family for family in endpoints.FAMILIES if family not in endpoints.PATENCY_FAMILIES)
PARAMETERS = tuple(
    (spec.paramcd, spec.family.code, spec.horizon, spec.binary if spec.binary in endpoints.BINARIES else None)
    for spec in endpoints.ENDPOINTS
)
WITH_MAJOR_AMPUTATION = frozenset({"MALE", "MALEB", "MALEC", "MAJAMP", "AFS"})


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of the visits at which endpoints are answered."""

    patency: tuple[Window, ...]
    visits: tuple[Window, ...]
    fracture: tuple[Window, ...]


@cache
def windows(version: str) -> Windows:
    """Return the windows that a version of the protocol states."""
    return Windows(
        patency=_windows(version, *endpoints.PATENCY_VISITS),
        visits=_windows(version, *endpoints.FOLLOW_UP_VISITS),
        fracture=_windows(version, "M12", "M24"),
    )


def _windows(version: str, *visits: str) -> tuple[Window, ...]:
    found = []
    for code in visits:
        visit = VISIT[code].at(version)
        if visit.target_day is None or visit.lo is None or visit.hi is None:
            raise ValueError(f"visit {code} has no window")
        found.append(Window(code, visit.target_day, visit.lo, visit.hi))
    return tuple(found)


@dataclass(slots=True)
class Derived:
    """Everything derived for one subject, with what it was derived from for the explanation."""

    subject: Subject
    judged: Judged
    course: Course
    lesions: list[LesionCourse]
    outcomes: dict[str, Outcome]
    """By PARAMCD."""
    families: dict[str, Outcome]
    """Untruncated, by family."""
    evaluable: dict[str, str]
    """Y, N or NE by the name of the proportion (CDTLR24B)."""
    values: dict[str, str | int]
    """By-visit and 30-day endpoints: Y, N, NE or a number."""
    version: str = FIRST
    """The version of the protocol whose windows were read."""


def derive(subject: Subject, *, limits: Thresholds = DEFAULTS, version: str = FIRST) -> Derived:
    """Derive every endpoint of one subject, with the windows of the version by which its site works."""
    judged = judge(subject, limits)
    course = follow_up.course(subject, judged)
    lesions = patency.lesion_courses(subject, judged, course, limits)
    families = {
        family.code: _observe(family, course, _events(family.code, judged, course)) for family in OBSERVED
    }
    families["PPAT"] = patency.primary(lesions)
    families["PPATCD"] = patency.primary(lesions, clinically_driven_only=True)
    families["APAT"] = patency.assisted(lesions)
    families["SPAT"] = patency.secondary(lesions)
    outcomes: dict[str, Outcome] = {}
    proportions: dict[str, str] = {}
    for paramcd, family, horizon, proportion in PARAMETERS:
        whole = families[family]
        if horizon is None:
            outcomes[paramcd] = whole
            continue
        outcomes[paramcd] = at_horizon(whole, horizon)
        if proportion is not None:
            proportions[proportion] = evaluable(whole, horizon, limits.low[horizon])
    values = _at_visits(subject, judged, course, lesions, families, limits, windows(version))
    values.update(
        safety.thirty_days(
            subject,
            course,
            amputated=_within(families["MAJAMP"], safety.LAST_DAY),
            cdtlr=_within(families["CDTLR"], safety.LAST_DAY),
        )
    )
    return Derived(subject, judged, course, lesions, outcomes, families, proportions, values, version)


def _within(outcome: Outcome, day: int) -> bool:
    return outcome.cnsr == EVENT and outcome.aval <= day


def _events(family: str, judged: Judged, course: Course) -> list[Source]:
    found: list[Source] = []
    counts = REVASCULARISATIONS.get(family) if judged.revascularisations else None
    if counts is not None:
        found += [one.source for one in judged.revascularisations if one.source.day >= 0 and counts(one)]
    if family in WITH_MAJOR_AMPUTATION:
        found += [one.source for one in judged.amputations if one.major and one.source.day >= 0]
    if family == "MALEB":
        found += judged.limb_ischaemias
    if family in ("AFS", "DEATH") and course.death is not None:
        found.append(course.death)
    return found


def _observe(family: endpoints.Family, course: Course, events: Sequence[Source]) -> Outcome:
    withdrawn = course.withdrawn
    if family.vital and course.vital_permitted:
        withdrawn = None
    return tte(
        events,
        block=course.above_knee if family.blocked else None,
        death=course.death if family.death_competes else None,
        withdrawn=withdrawn,
        known=course.known_vital if family.vital else course.known_limb,
    )


def _at_visits(
    subject: Subject,
    judged: Judged,
    course: Course,
    lesions: Sequence[LesionCourse],
    families: dict[str, Outcome],
    limits: Thresholds,
    within: Windows,
) -> dict[str, str | int]:
    values: dict[str, str | int] = {}
    patent = [here.patent for here in lesions]
    flow = [here.flow for here in lesions]
    opened = [patency.open_sources(here) for here in lesions]
    for window in within.patency:
        for code, family, shown in (("PP", "PPAT", patent), ("APV", "APAT", flow), ("SPV", "SPAT", opened)):
            values[f"{code}.{window.visit}"] = patency.at_visit(families[family], shown, window.lo, window.hi)
    tlr = _events("TLR", judged, course)
    major = _events("MAJAMP", judged, course)
    walked, measured = limb.categories(subject, course), limb.pressures(subject, course)
    for window in within.visits:
        found = limb.rutherford(subject, course, window, walked, tlr=tlr, amputations=major)
        found.update(limb.haemodynamic(limb.baseline(subject), window, measured, limits))
        for code, value in found.items():
            values[f"{code}.{window.visit}"] = value
    for window in within.fracture:
        values[f"FRAC.{window.visit}"] = safety.fracture(subject, course, window.lo, window.hi)
    return values


def of_lesion(derived: Derived, lesion: str, family: str) -> Outcome:
    """Return one family's outcome for a single lesion (ADLES)."""
    here = [one for one in derived.lesions if one.lesion == lesion]
    if family == "PPAT":
        return patency.primary(here)
    if family == "PPATCD":
        return patency.primary(here, clinically_driven_only=True)
    if family == "APAT":
        return patency.assisted(here)
    if family == "SPAT":
        return patency.secondary(here)
    spec = next(one for one in endpoints.FAMILIES if one.code == family)
    counts = REVASCULARISATIONS[family]
    events = [
        one.source
        for one in derived.judged.revascularisations
        if one.source.day >= 0 and counts(one) and one.record.lesion in (lesion, None)
    ]
    return _observe(spec, derived.course, [one._replace(lesion=lesion) for one in events])
