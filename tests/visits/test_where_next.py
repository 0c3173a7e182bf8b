"""Entry and navigation: what peers' users complain about (peers.md §2.2), by its number there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from audit import clock
from protocol.codelists import IENA
from protocol.schedule import InWindow, in_window
from subjects.models import Subject
from tests.enrolled import treated
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.dossier import PageRecord
from visits.pages import neighbours

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject(people: People) -> Subject:
    return treated(people, 400)


def sent(client: Client, subject: Subject, place: str, **values: str) -> Any:
    """Save a page and ask for the next one."""
    data = {"p-revision": "0", "then": "next", **{f"p-{name}": value for name, value in values.items()}}
    return client.post(f"/subjects/{subject.pk}/{place}/", data)


def leads(subject: Subject, place: str) -> str:
    return f"/subjects/{subject.pk}/{place}/#go"


def entered(subject: Subject, visit: str, form: str) -> PageRecord:
    [page] = dossiers.load(subject).at(visit, form)
    return page


def not_done(subject: Subject, people: People, visit: str, form: str) -> None:
    entry = PageEntry(
        subject_id=subject.pk, form=form, visit=visit, not_done=True, not_done_reason="No device"
    )
    save_pages([entry], by=people.li_na)


def test_saving_goes_on_to_the_next_page_and_then_to_the_next_visit(
    people: People, subject: Subject, li_na: Client
) -> None:
    """peers.md 10 (REDCap: no "save and go to next event")."""
    seen = {"contact_mode": "TEL"}
    assert sent(li_na, subject, "M1/FU", **seen)["Location"] == leads(subject, "M1/ABI")
    for form in ("ABI", "DUS"):
        not_done(subject, people, "M1", form)
    again = {"p-revision": "1", "then": "next", "p-contact_mode": "TEL"}
    answer = li_na.post(f"/subjects/{subject.pk}/M1/FU/", again)
    assert answer["Location"] == leads(subject, "M1/LB"), "the laboratory of this visit is still open"
    not_done(subject, people, "M1", "LB")
    answer = li_na.post(f"/subjects/{subject.pk}/M1/FU/", again)
    assert answer["Location"] == leads(subject, "M3/FU")


def test_where_it_is_recorded_that_a_visit_took_place_and_when(subject: Subject, li_na: Client) -> None:
    """peers.md 12 (phoenixCTMS: where do I record that the visit took place, and on which date?)."""
    drawn = li_na.get(f"/subjects/{subject.pk}/M1/FU/").content.decode()
    assert drawn.index('id="row-p-contact_mode"') < drawn.index('id="row-p-fu_date"')
    assert drawn.index('id="row-p-fu_date"') < drawn.index('id="row-p-vital_status"')
    proc_date = dossiers.load(subject).proc_date
    assert proc_date is not None
    on = proc_date + timedelta(days=30)
    sent(li_na, subject, "M1/FU", contact_mode="TEL", fu_date=on.isoformat())
    assert entered(subject, "M1", "FU").get("fu_date") == on
    sent(li_na, subject, "M3/FU", contact_mode="MISS", miss_reason="Moved away")
    assert neighbours.state(dossiers.load(subject), "M3", "FU", set()) == "missed"


def test_what_does_not_apply_is_never_shown_as_no() -> None:
    """peers.md 13 (LORIS: a window that does not apply must not be shown as "No")."""
    on = date(2026, 3, 1)
    assert in_window("UNS", on, on) is InWindow.NOT_APPLICABLE
    assert in_window("M1", None, on) is InWindow.NOT_APPLICABLE
    assert in_window("M1", on, on + timedelta(days=30)) is InWindow.IN
    assert in_window("M1", on, on + timedelta(days=300)) not in (InWindow.IN, InWindow.NOT_APPLICABLE)
    assert IENA.decode("NA").en not in ("No", "N") and IENA.decode("NA") != IENA.decode("N")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ({"y": "2021", "m": "4", "d": ""}, "2021-04"),
        ({"y": "2021", "m": "", "d": ""}, "2021"),
        ({"y": "2021-04", "m": "", "d": ""}, "2021-04"),
        ({"y": "2021年4月", "m": "", "d": ""}, "2021-04"),
    ],
)
def test_a_date_of_month_and_year_alone_is_a_date(
    subject: Subject, li_na: Client, typed: dict[str, str], value: str
) -> None:
    """peers.md 14 (ODK: dates with month and year only)."""
    url = f"/subjects/{subject.pk}/LOG/AE/"
    boxes = {f"new-ae_start-{part}": text for part, text in typed.items()}
    li_na.post(url, {"new-revision": "0", "new-ae_term": "Fever", **boxes})
    [event] = dossiers.load(subject).of("AE")
    assert event.get("ae_start") == value
    assert clock.today().isoformat() > value
