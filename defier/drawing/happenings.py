"""What happened to a subject and when, in study days: visits, events, antiplatelet drugs, duplex readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from audit import clock
from protocol.codelists import REVKIND
from protocol.partial_dates import PartialDate
from protocol.patency import analysis_psvr
from sites.reader import said
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord

# The item that dates a visit, form by form; the first that has a value counts.
DATED = (
    ("FU", "fu_date"),
    ("PR", "proc_date"),
    ("PP", "pp_date"),
    ("DISC", "disc_date"),
    ("EXIT", "exit_date"),
    ("IC", "screening_date"),
    ("DUS", "dus_date"),
    ("ABI", "abi_date"),
    ("IMG", "img_date"),
    ("XR", "xr_date"),
    ("LB", "lb_dt"),
)
LONGEST_TERM = 22


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a log: its day (and last day), its words, whether it weighs, and its page."""

    day: int
    until: int
    words: str
    grave: bool
    form: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days under the same antiplatelet drugs."""

    start: int
    end: int
    words: str
    dual: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One duplex reading of a lesion; `psvr` is None where the vessel was occluded."""

    lesion: str
    day: int
    psvr: float | None


def visit_date(dossier: Dossier, visit: str) -> date | None:
    """Return when a visit took place, from the first page that says so."""
    for form, item in DATED:
        for page in dossier.at(visit, form):
            value = None if page.removed else page.get(item)
            if isinstance(value, datetime):
                return value.astimezone(clock.ZONE).date()
            if value:
                return date.fromisoformat(str(value))
    return None


def day_of(value: Any, start: date) -> int | None:
    """Return the study day of a date as stored; a partial one counts from its first day."""
    if not value:
        return None
    if isinstance(value, date):
        return (value - start).days
    return (PartialDate.parse(str(value)).earliest - start).days


def happenings(dossier: Dossier, start: date) -> list[Happening]:
    """Return the events of the logs in time."""
    found = [*_revascularisations(dossier, start), *_amputations(dossier, start), *_adverse(dossier, start)]
    death = dossier.one("DTH")
    day = day_of(death.get("death_date"), start) if death else None
    if day is not None:
        found.append(Happening(day, day, _("died"), True, "DTH"))
    return sorted(found, key=lambda happening: (happening.day, not happening.grave))


def _revascularisations(dossier: Dossier, start: date) -> Iterator[Happening]:
    for page in dossier.of("REV"):
        day = day_of(page.get("rev_date"), start)
        if day is None:
            continue
        kind = page.get("rev_kind")
        words = said(REVKIND.decode(kind)) if kind in REVKIND.codes else ""
        side = "" if page.get("rev_side") in (dossier.target_limb, None) else _("other leg")
        told = ", ".join(part for part in (words.lower(), side) if part)
        yield Happening(day, day, f"{page.identity} {told}".strip(), not side and kind != "DIAG", "REV")


def _amputations(dossier: Dossier, start: date) -> Iterator[Happening]:
    for page in dossier.of("AMP"):
        day = day_of(page.get("amp_date"), start)
        if day is not None:
            yield Happening(day, day, f"{page.identity} {said(FORMS['AMP'].title)}", True, "AMP")


def _adverse(dossier: Dossier, start: date) -> Iterator[Happening]:
    for page in dossier.of("AE"):
        day = day_of(page.get("ae_start"), start)
        if day is None:
            continue
        until = day_of(page.get("ae_end"), start)
        term = str(page.get("ae_term") or "")
        term = term if len(term) <= LONGEST_TERM else term[: LONGEST_TERM - 1] + "…"
        words = f"{page.identity} {term}".strip()
        yield Happening(day, until if until is not None else day, words, page.get("ae_serious") == "Y", "AE")


def antiplatelet(dossier: Dossier, start: date, today: int) -> list[Stretch]:
    """Return the stretches under aspirin, a P2Y12 inhibitor or both."""
    taken = {
        code: [_course(page, start, today) for page in dossier.of("CM") if page.get("cm_class") == code]
        for code in ("ASA", "P2Y12")
    }
    spans = {code: [span for span in spans if span] for code, spans in taken.items()}
    edges = sorted({edge for found in spans.values() for span in found for edge in span} | {0})
    edges = [edge for edge in edges if edge >= 0]
    stretches: list[Stretch] = []
    for begun, ended in pairwise(edges):
        on = {code for code, found in spans.items() if any(a <= begun and ended <= b for a, b in found)}
        if on:
            _extend(stretches, begun, ended, on)
    return stretches


def _extend(stretches: list[Stretch], begun: int, ended: int, on: set[str]) -> None:
    words = _("dual") if len(on) == 2 else _("aspirin") if "ASA" in on else _("P2Y12 inhibitor")
    if stretches and stretches[-1].end == begun and stretches[-1].words == words:
        begun = stretches.pop().start
    stretches.append(Stretch(begun, ended, words, len(on) == 2))


def _course(page: PageRecord, start: date, today: int) -> tuple[int, int] | None:
    begun = day_of(page.get("cm_start"), start)
    if begun is None:
        return None
    ended = day_of(page.get("cm_end"), start)
    return max(begun, 0), min(ended if ended is not None else today, today)


def readings(dossier: Dossier, start: date) -> list[Reading]:
    """Return the site's duplex readings of the target lesions that can be used, in time."""
    return sorted(_readings(dossier.of("DUS"), start), key=lambda reading: (reading.lesion, reading.day))


def _readings(pages: Iterable[PageRecord], start: date) -> Iterator[Reading]:
    for page in pages:
        day = day_of(page.get("dus_date"), start)
        if day is None or page.get("dus_reader") == "CORE" or page.get("dus_adequate") == "N":
            continue
        reported = page.get("psvr")
        hundredths = analysis_psvr(
            page.get("psv_max_cms"),
            page.get("psv_ref_cms"),
            None if reported is None else int(reported * 100),
        )
        if page.get("dus_occlusion") == "Y":
            yield Reading(str(page.get("dus_lesion")), day, None)
        elif hundredths is not None:
            yield Reading(str(page.get("dus_lesion")), day, hundredths / 100)
