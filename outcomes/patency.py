"""Primary, assisted primary and secondary patency from imaging and revascularisation (§5.8–5.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from outcomes.judged import Judged, JudgedProcedure
from outcomes.records import Reading, Subject
from outcomes.time_to_event import EVENT, LAST_CONTACT, Course, Outcome, Source
from protocol import revascularisation as rules
from protocol.patency import FLOW, NOT_DIAGNOSTIC, OCCLUDED, PATENT, RESTENOSIS, SEVERITY, acute_failure
from protocol.thresholds import Thresholds

ITEM = {"DUS": "dus_status", "IMG": "img_status"}


@dataclass(slots=True)
class LesionCourse:
    """What imaging and treatment say of one target lesion, in order of day."""

    lesion: str
    failed: Source | None = None
    patent: list[Source] = field(default_factory=list)
    flow: list[Source] = field(default_factory=list)
    lost: list[Source] = field(default_factory=list)
    """Readings of restenosis or occlusion."""
    occluded: list[Source] = field(default_factory=list)
    treated: list[JudgedProcedure] = field(default_factory=list)
    """Target lesion revascularisations of this lesion."""


def lesion_courses(
    subject: Subject, judged: Judged, course: Course, limits: Thresholds
) -> list[LesionCourse]:
    """Resolve each lesion's readings; nothing counts after death, withdrawal or above-knee amputation."""
    end = min(
        (source.day for source in (course.death, course.above_knee, course.withdrawn) if source is not None),
        default=None,
    )
    treatments = [
        one
        for one in judged.revascularisations
        if one.tlr and one.source.day >= 0 and (end is None or one.source.day <= end)
    ]
    governing = _governing(
        reading for reading in subject.readings if reading.day >= 0 and (end is None or reading.day <= end)
    )
    lesions = []
    for lesion in subject.lesions:
        here = LesionCourse(lesion)
        here.treated = sorted(
            (one for one in treatments if one.record.lesion in (lesion, None)), key=lambda one: one.source.day
        )
        for residual in subject.residuals:
            if residual.lesion == lesion and acute_failure(
                final_residual_pct=residual.final_pct, crossing=residual.crossing, limits=limits
            ):
                item = "crossing" if residual.crossing == "FAIL" else "final_resid_pct"
                here.failed = Source("PRL", 0, residual.page, item, 0, lesion=lesion)
        _file(here, [reading for reading in governing if reading.lesion == lesion], limits)
        lesions.append(here)
    return lesions


def _governing(readings: Iterable[Reading]) -> list[Reading]:
    """Keep the core laboratory's reading of each exam, the site's where there is none."""
    exams: dict[tuple[int, str | None, str], list[Reading]] = {}
    for reading in readings:
        exams.setdefault((reading.day, reading.lesion, reading.form), []).append(reading)
    kept = []
    for found in exams.values():
        core = [reading for reading in found if reading.reader == "CORE"]
        kept += core or found
    kept.sort(key=lambda reading: reading.day)
    return kept


def _file(here: LesionCourse, readings: Sequence[Reading], limits: Thresholds) -> None:
    angiographies = [
        reading for reading in readings if reading.form == "IMG" and reading.status != NOT_DIAGNOSTIC
    ]
    for reading in readings:
        status = reading.status
        if angiographies and reading.form == "DUS" and status in FLOW:
            status = _decided(reading, angiographies, here, limits)
        if status == NOT_DIAGNOSTIC:
            continue
        source = Source(reading.form, 0, reading.page, ITEM[reading.form], reading.day, lesion=here.lesion)
        if status == PATENT:
            here.patent.append(source)
        else:
            here.lost.append(source)
        if status == OCCLUDED:
            here.occluded.append(source)
        else:
            here.flow.append(source)


def _decided(
    duplex: Reading, angiographies: Sequence[Reading], here: LesionCourse, limits: Thresholds
) -> str:
    """Return the status of a duplex after the angiography that decides it, if one does (§5.8)."""
    later = [one for one in angiographies if 0 <= one.day - duplex.day <= limits.angiography_days]
    if not later:
        return duplex.status
    day = min(one.day for one in later)
    if any(duplex.day <= treated.source.day <= day for treated in here.treated):
        return duplex.status
    worst = max((one.status for one in later if one.day == day), key=SEVERITY.__getitem__)
    if worst == PATENT:
        return PATENT
    return RESTENOSIS if duplex.status == RESTENOSIS else NOT_DIAGNOSTIC


def losses(here: LesionCourse, *, clinically_driven_only: bool = False) -> list[Source]:
    """Return every day on which primary patency of one lesion was seen lost."""
    found = list(here.lost)
    found += [one.source for one in here.treated if one.clinically_driven or not clinically_driven_only]
    if here.failed is not None:
        found.append(here.failed)
    return found


def primary(lesions: Sequence[LesionCourse], *, clinically_driven_only: bool = False) -> Outcome:
    """Return the loss of primary patency: the first in any lesion, else the earliest last patent day."""
    found = [loss for here in lesions for loss in losses(here, clinically_driven_only=clinically_driven_only)]
    first = min(found, key=_day, default=None)
    if first is not None:
        left = min((_last(here.patent, before=first.day) for here in lesions), default=0)
        return Outcome(first.day, EVENT, first, left)
    return _censored([here.patent for here in lesions])


def assisted(lesions: Sequence[LesionCourse]) -> Outcome:
    """Return the loss of assisted primary patency: an occlusion, its treatment, or a bypass of the lesion."""
    found = []
    for here in lesions:
        found += here.occluded
        found += [
            one.source for one in here.treated if one.record.occluded or rules.bypasses_target(one.rule)
        ]
    first = min(found, key=_day, default=None)
    if first is not None:
        left = min((_last(here.flow, before=first.day) for here in lesions), default=0)
        return Outcome(first.day, EVENT, first, left)
    return _censored([here.flow for here in lesions])


def secondary(lesions: Sequence[LesionCourse]) -> Outcome:
    """Return the loss of secondary patency: an occlusion never reopened, or a bypass of the lesion."""
    per_lesion = [_secondary(here) for here in lesions]
    events = [one for one in per_lesion if isinstance(one, Source)]
    first = min(events, key=_day, default=None)
    if first is not None:
        left = min((_last(open_sources(here), before=first.day) for here in lesions), default=0)
        return Outcome(first.day, EVENT, first, left)
    return _censored([open_sources(here) for here in lesions])


def _secondary(here: LesionCourse) -> Source | None:
    """Walk one lesion: an occlusion closes, flow or a successful treatment opens, a bypass ends it."""
    steps: list[tuple[int, int, Source]] = [(one.day, 0, one) for one in here.occluded]
    steps += [(one.day, 1, one) for one in here.flow]
    for one in here.treated:
        if one.record.occluded:
            steps.append((one.source.day, 0, one.source))
        if rules.bypasses_target(one.rule):
            steps.append((one.source.day, 2, one.source))
        elif one.record.successful:
            steps.append((one.source.day, 1, one.source))
    steps.sort(key=lambda step: step[:2])
    start: Source | None = None
    for _, kind, source in steps:
        if kind == 0:
            start = start or source
        elif kind == 1:
            start = None
        else:
            return start or source
    return start


def open_sources(here: LesionCourse) -> list[Source]:
    """Return every day on which a lesion was seen open: flow on imaging or a successful treatment."""
    treated = [
        one.source for one in here.treated if one.record.successful and not rules.bypasses_target(one.rule)
    ]
    return sorted(here.flow + treated, key=_day) if treated else here.flow


def at_visit(loss: Outcome, shown: Sequence[Sequence[Source]], lo: int, hi: int) -> str:
    """Return Y, N or NE at a visit with window lo–hi; a later proof before any loss counts for it too."""
    lost = loss.aval if loss.cnsr == EVENT else None
    if lost is not None and lost <= hi:
        return "N"
    if not shown:
        return "NE"
    proven = all(
        any(source.day >= lo and (lost is None or source.day < lost) for source in sources)
        for sources in shown
    )
    return "Y" if proven else "NE"


def _last(sources: Sequence[Source], *, before: int) -> int:
    return max((source.day for source in sources if source.day < before), default=0)


def _censored(shown: Sequence[Sequence[Source]]) -> Outcome:
    latest = [max(sources, key=_day, default=None) for sources in shown]
    if not latest or any(one is None for one in latest):
        return Outcome(0, LAST_CONTACT)
    decisive = min((one for one in latest if one is not None), key=_day)
    return Outcome(decisive.day, LAST_CONTACT, decisive, decisive.day)


def _day(source: Source) -> int:
    return source.day
