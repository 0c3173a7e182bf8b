"""A subject's endpoints so far, in one line each; the full reasoning stands behind "Why?"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from outcomes.models import Result
from outcomes.time_to_event import EVENT
from outcomes.wording import Reader
from protocol import endpoints
from sites import reader
from subjects.models import Subject

SHOWN = (endpoints.PRIMARY.paramcd, "PPAT", "MALE24", "MAJAMP", "DEATH")


@dataclass(frozen=True, slots=True)
class SoFar:
    """One endpoint: what is known, on which ground, and where the reasoning stands."""

    title: str
    outcome: str
    happened: bool
    ground: str
    provisional: bool
    stale: bool
    why: str


def endpoints_so_far(subject: Subject) -> list[SoFar]:
    """Return the subject's main results in the order of the protocol, in one statement."""
    found = {
        result.paramcd: result
        for result in Result.objects.filter(subject=subject, paramcd__in=SHOWN).with_staleness()
        if result.aval is not None
    }
    return [_line(found[code]) for code in SHOWN if code in found]


def _line(result: Result) -> SoFar:
    language = reader.language()
    happened = result.cnsr == EVENT
    return SoFar(
        title=endpoints.ENDPOINT[result.paramcd].short.in_(language),
        outcome=(_("Event on day %(n)d") if happened else _("None by day %(n)d")) % {"n": result.aval or 0},
        happened=happened,
        ground=_ground(result, language),
        provisional=happened and result.adjudicated is False,
        stale=bool(getattr(result, "stale", False)),
        why=reverse("why", args=[result.subject_id, result.paramcd]),
    )


def _ground(result: Result, language: str) -> str:
    """Return the step that decided: the first for an event, the last for an end of observation."""
    if result.adt is None or result.aval is None:
        return ""
    start: date = result.adt - timedelta(days=result.aval)
    steps = Reader(language, start).steps(result.explanation)
    if not steps:
        return ""
    step = steps[0] if result.cnsr == EVENT else steps[-1]
    return " ".join([step.title, *(str(sentence) for sentence in step.sentences[:1])])
