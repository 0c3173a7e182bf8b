"""The pages around a page: those of its visit, the other visits, the logs; and where saving leads next."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from audit import clock
from protocol.schedule import EXPECTED, LOGS, VISIT
from protocol.version import FIRST
from protocol.words import Bilingual
from sites.access import Request
from visits import consent_gate
from visits.capture import edition
from visits.crfs import FORMS
from visits.dossier import LOG, Dossier
from visits.models import visit_key
from visits.pages import log
from visits.pages.sheet import Sheet
from visits.pages.signs import Known


@dataclass(frozen=True, slots=True)
class Place:
    """A link in the rail: what it is called, its state's glyph, and whether one is there."""

    url: str
    title: Bilingual
    glyph: str
    here: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Rail:
    """What stands left of a page."""

    pages: list[Place]
    visits: list[Place]
    logs: list[Place]


def is_page(visit: str, form: str) -> bool:
    """Say whether a form can be entered at a visit (LOG: on a log)."""
    if visit == LOG:
        return form in LOGS or form == "ICRE"
    code = "UNS" if visit[:3] == "UNS" and visit[3:].isdigit() and visit[3:] != "0" else visit
    return code in VISIT and form not in LOGS


def forms_at(visit: str, dossier: Dossier) -> list[str]:
    """Return the forms of a visit: those expected in the order of the schedule, then others entered."""
    code = "UNS" if visit.startswith("UNS") else visit
    expected = EXPECTED.get(code, {})
    entered = {page.form for page in dossier.pages if page.visit == visit}
    forms = [*expected, *(form for form in FORMS if form in entered and form not in expected)]
    return [form for form in forms if form in FORMS and form not in LOGS and form != "ICRE"]


def rail(sheet: Sheet, open_forms: Collection[str], known: Known) -> Rail:
    """Return the rail of a page: one sign per form, visit and log, as the matrix gives it to this reader.

    A log shows a sign where it is work of the reader's, beside how many records it has.
    """
    dossier = sheet.dossier
    visit = sheet.visit
    asked = known.opened
    pages = [
        Place(
            _url(dossier, visit, form),
            FORMS[form].title,
            known.sign(_shown(state(dossier, visit, form), visit, dossier), dossier.at(visit, form)),
            form == sheet.crf.form,
        )
        for form in (forms_at(visit, dossier) if visit else [])
        if form in open_forms
    ]
    return Rail(
        pages=pages,
        visits=[
            Place(
                _url(dossier, key, _first(key, dossier, asked)),
                Bilingual(key, key),
                known.sign(
                    _shown(
                        _worst([state(dossier, key, form) for form in forms_at(key, dossier)]), key, dossier
                    ),
                    (page for page in dossier.pages if page.visit == key and page.form in open_forms),
                ),
                False,
            )
            for key in visit_keys(dossier)
            if key != visit and _first(key, dossier, asked) in open_forms
        ],
        logs=[
            Place(
                _url(dossier, None, form),
                FORMS[form].title,
                _work(known, dossier, form),
                visit is None and form == sheet.crf.form,
                count=len(dossier.of(form)),
            )
            for form in LOGS
            if form in open_forms
        ],
    )


def _work(known: Known, dossier: Dossier, form: str) -> str:
    """Return the sign of a log where it is the reader's work, else nothing."""
    sign = known.sign(state(dossier, None, form), dossier.at(None, form))
    return sign if sign in known.acts else ""


def visit_keys(dossier: Dossier) -> list[str]:
    """Return the visits of a subject: all scheduled ones, and the unscheduled ones that took place."""
    unscheduled = sorted(
        {page.visit for page in dossier.pages if page.visit and page.visit.startswith("UNS")},
        key=lambda key: int(key[3:]),
    )
    keys = [code for code in VISIT if code not in ("UNS", "EOS")]
    return [*keys, *unscheduled, "EOS"]


def next_unscheduled(dossier: Dossier) -> str:
    """Return the key of an unscheduled visit that does not exist yet."""
    taken = [int(key[3:]) for key in visit_keys(dossier) if key.startswith("UNS")]
    return visit_key("UNS", max(taken, default=0) + 1)


def state(dossier: Dossier, visit: str | None, form: str, asked: Collection[uuid.UUID] = frozenset()) -> str:
    """Return how far a form is filled in at a visit: query, incomplete, complete, due or not expected."""
    pages = [page for page in dossier.at(visit, form) if not page.removed]
    if any(page.id in asked for page in pages):
        return "query-open"
    if any(page.incomplete for page in pages):
        return "incomplete"
    if pages:
        missed = form == "FU" and pages[0].get("contact_mode") == "MISS"
        return "missed" if missed or all(page.not_done for page in pages) else "complete"
    follow_up = next(iter(dossier.at(visit, "FU")), None) if visit else None
    if follow_up is not None and follow_up.get("contact_mode") == "MISS":
        return "not-expected"
    code = "UNS" if visit and visit.startswith("UNS") else visit or ""
    if EXPECTED.get(code, {}).get(form) != "R" or consent_gate.shut(dossier, visit, form) is not None:
        return "not-expected"
    version = edition.version_for(dossier, None)
    return "due" if has_opened(code, dossier.proc_date, version) else "not-yet"


def has_opened(code: str, proc_date: date | None, version: str = FIRST) -> bool:
    """Say whether a visit can be entered by now: its window has begun, or it has none to wait for."""
    definition = VISIT[code].at(version)
    if code in ("SCR", "PROC"):
        return True
    if proc_date is None:
        return False
    first_day = VISIT["M24"].at(version).lo if code == "EOS" else definition.lo
    return first_day is None or clock.today() >= proc_date + timedelta(days=first_day)


def _shown(found: str, visit: str | None, dossier: Dossier) -> str:
    """Return the glyph of a state: what is due is overdue once the window of its visit has closed (ux.md)."""
    proc_date = dossier.proc_date
    if found != "due" or proc_date is None or visit not in VISIT:
        return found
    last_day = VISIT[visit].at(edition.version_for(dossier, None)).hi
    closed = last_day is not None and clock.today() > proc_date + timedelta(days=last_day)
    return "overdue" if closed else found


WORST = ("query-open", "incomplete", "due", "missed", "complete", "not-yet", "not-expected")


def _worst(states: list[str]) -> str:
    real = [found for found in states if found != "not-expected"]
    if not real:
        return "not-expected"
    return min(real, key=WORST.index)


def _first(visit: str, dossier: Dossier, asked: Collection[uuid.UUID]) -> str:
    """Return the form of a visit that wants attention first."""
    forms = forms_at(visit, dossier) or ["FU"]
    return min(forms, key=lambda form: (WORST.index(state(dossier, visit, form, asked)), forms.index(form)))


def next_form(sheet: Sheet) -> str | None:
    """Return where "save and next" leads: what is still open at this visit, then at a later one.

    Where nothing is open, the following form, or the first of the next visit; on a log of long records, a
    record to add.
    """
    if sheet.visit is None:
        return f"{_url(sheet.dossier, None, sheet.crf.form)}?record={log.NEW}" if sheet.is_log else None
    dossier, here = sheet.dossier, (sheet.visit, sheet.crf.form)
    keys = visit_keys(dossier)
    later = keys[keys.index(sheet.visit) + 1 :] if sheet.visit in keys else []
    forms = forms_at(sheet.visit, dossier)
    at = forms.index(sheet.crf.form) + 1 if sheet.crf.form in forms else 0
    in_turn = [(sheet.visit, form) for form in forms[at:] + forms[:at]]
    afterwards = [(key, form) for key in later for form in forms_at(key, dossier)]
    still_open = (place for place in in_turn + afterwards if place != here and _is_open(dossier, *place))
    following = [(sheet.visit, form) for form in forms[at:]] + afterwards
    place = next(still_open, None) or next(iter(following), None)
    return _url(dossier, *place) if place else None


def _is_open(dossier: Dossier, visit: str, form: str) -> bool:
    return state(dossier, visit, form) in ("due", "incomplete")


def after_save(request: Request, sheet: Sheet) -> str:
    """Return where a save leads: the next form when asked for (where the hand goes on), else back."""
    if request.POST.get("then") == "next":
        following = next_form(sheet)
        if following:
            return f"{following}#go"
    return _url(sheet.dossier, sheet.visit, sheet.crf.form) + _record_saved(sheet)


def _record_saved(sheet: Sheet) -> str:
    """Name the record of a long repeating form that was just saved, so that it stays open."""
    if not sheet.is_log:
        return ""
    known = next((form.record for form in sheet.drawn if form.record), None)
    records = sheet.dossier.at(sheet.visit, sheet.crf.form)
    record = known or max(records, key=lambda page: page.ordinal, default=None)
    return f"?record={record.ordinal}" if record else ""


def _url(dossier: Dossier, visit: str | None, form: str) -> str:
    return reverse("page", args=[dossier.subject.pk, visit or LOG, form])
