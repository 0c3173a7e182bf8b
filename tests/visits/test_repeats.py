"""Repeating forms: records stay in their table when removed, and can be restored (ux.md, Repeats)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import treated
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.models import Page
from visits.pages import log
from visits.pages.sheet import WIDEST_GRID

pytestmark = pytest.mark.django_db
EVENT = {"ae_term": "Groin haematoma", "ae_start": "2026-03", "ae_outcome": "REC", "ae_severity": "1"}


def add(subject: Subject, people: People, form: str = "AE", **values: Any) -> PageRecord:
    """Enter one more record of a log."""
    entry = PageEntry(subject_id=subject.pk, form=form, values=values)
    return save_pages([entry], by=people.li_na).pages[0]


def asked(client: Client, subject: Subject, act: str, record: PageRecord, text: str) -> str:
    """Remove or restore a record in the browser; return the page that follows."""
    revision = Page.objects.get(pk=record.id).revision
    url = f"/subjects/{subject.pk}/{act}/{record.id}/"
    return client.post(url, {"revision": revision, "text": text}, follow=True).content.decode()


def now(subject: Subject, record: PageRecord) -> PageRecord:
    found = dossiers.load(subject).page(record.id)
    assert found is not None
    return found


@pytest.mark.urs("AUD-10")
@pytest.mark.parametrize(("form", "values"), [("AE", EVENT), ("DV", {"dv_desc": "Visit late"})])
def test_a_saved_record_can_be_removed_and_keeps_its_values(
    people: People, subject: Subject, li_na: Client, form: str, values: dict[str, Any]
) -> None:
    """peers.md 11 (OpenClinica: a saved repeating row cannot be removed; blank every cell instead)."""
    record = add(subject, people, form, **values)
    drawn = asked(li_na, subject, "remove", record, "Belongs to another subject")
    assert now(subject, record).removed
    assert now(subject, record).values == record.values
    assert f"<s>{record.identity}</s>" in drawn
    assert dossiers.load(subject).of(form) == []
    entry = Entry.objects.filter(table_name="visits_page", row_key=str(record.id)).latest("n")
    assert (entry.reason_code, entry.reason_text) == ("OTHER", "Belongs to another subject")


@pytest.mark.urs("AUD-10")
def test_a_removed_record_is_restored_as_it_was(people: People, subject: Subject, li_na: Client) -> None:
    """peers.md 16 (Castor: an entered report cannot be deleted once the study is live; nor come back)."""
    first, second = add(subject, people, **EVENT), add(subject, people, **{**EVENT, "ae_term": "Fever"})
    before = now(subject, first)
    asked(li_na, subject, "remove", first, "Entered twice")
    drawn = asked(li_na, subject, "restore", first, "")
    assert now(subject, first).removed and "Say why it is restored." in drawn
    asked(li_na, subject, "restore", first, "It was another bleeding after all")
    after = now(subject, first)
    assert not after.removed
    assert (after.values, after.missing, after.unanswered) == (
        before.values,
        before.missing,
        before.unanswered,
    )
    assert (after.identity, after.revision) == ("AE1", before.revision + 2)
    assert now(subject, second).identity == "AE2"
    reasons = Entry.objects.filter(table_name="visits_page", row_key=str(first.id)).order_by("n")
    assert [entry.reason_text for entry in reasons][-2:] == [
        "Entered twice",
        "It was another bleeding after all",
    ]


def test_a_number_is_never_given_again(people: People, subject: Subject, li_na: Client) -> None:
    """AE2 stays AE2 in every query and export, also when AE1 is gone."""
    first = add(subject, people, **EVENT)
    asked(li_na, subject, "remove", first, "Entered twice")
    assert add(subject, people, **EVENT).identity == "AE2"


def test_only_what_was_opened_can_be_removed(people: People, subject: Subject, li_na: Client) -> None:
    record = add(subject, people, **EVENT)
    url = f"/subjects/{subject.pk}/remove/{record.id}/"
    li_na.post(url, {"revision": record.revision + 5, "text": "Why not"})
    assert not now(subject, record).removed
    assert people.client("ma_lin").post(url, {"revision": 1, "text": "x"}).status_code == 404
    assert people.client("wang_lei").post(url, {"revision": 1, "text": "x"}).status_code == 403


def test_a_page_that_does_not_repeat_cannot_be_removed(
    people: People, subject: Subject, li_na: Client
) -> None:
    consent = Page.objects.get(subject=subject, form="IC")
    answer = li_na.post(f"/subjects/{subject.pk}/remove/{consent.pk}/", {"revision": 1, "text": "x"})
    assert answer.status_code == 404


def test_a_log_is_a_table_and_opens_one_record(people: People, subject: Subject, li_na: Client) -> None:
    url = f"/subjects/{subject.pk}/LOG/AE/"
    assert 'id="row-new-ae_term"' in li_na.get(url).content.decode()
    first = add(subject, people, **EVENT)
    assert f'id="row-r{first.id.hex}-ae_term"' in li_na.get(url).content.decode()
    second = add(subject, people, **{**EVENT, "ae_term": "Fever"})
    drawn = li_na.get(url).content.decode()
    assert "row-r" not in drawn and "Groin haematoma" in drawn and "Fever" in drawn
    drawn = li_na.get(f"{url}?record=2").content.decode()
    assert f'id="row-r{second.id.hex}-ae_term"' in drawn and f"row-r{first.id.hex}" not in drawn
    assert 'id="row-new-ae_term"' in li_na.get(f"{url}?record=new").content.decode()
    saved = li_na.post(url, {"new-revision": "0", "new-ae_term": "Cough", "then": "stay"})
    assert saved["Location"] == f"{url}?record=3"


def test_what_is_refused_stays_open_with_what_was_typed(
    people: People, subject: Subject, li_na: Client
) -> None:
    add(subject, people, **EVENT), add(subject, people, **EVENT)
    url = f"/subjects/{subject.pk}/LOG/AE/"
    answer = li_na.post(url, {"new-revision": "0", "new-ae_term": "Cough", "new-ae_start-y": "02/03/2026"})
    assert answer.status_code == 422
    assert re.search(r'name="new-ae_term" value="Cough"', answer.content.decode())


def test_a_removed_row_of_a_grid_stays_struck_through(people: People, li_na: Client) -> None:
    subject = treated(people, 100)
    values = {"lb_test": "CREAT", "lb_unit": "umol/L"}
    entry = PageEntry(subject_id=subject.pk, form="LB", visit="M1", values=values)
    record = save_pages([entry], by=people.li_na).pages[0]
    drawn = asked(li_na, subject, "remove", record, "Sample mixed up")
    assert f"<s>{record.identity}</s>" in drawn and "Restore record" in drawn
    asked(li_na, subject, "restore", record, "It was the right sample")
    assert not now(subject, record).removed


@pytest.mark.parametrize("form", [form for form, crf in FORMS.items() if crf.repeating])
def test_every_log_has_something_that_tells_its_records_apart(form: str) -> None:
    crf = FORMS[form]
    assert 1 <= len(log.columns(crf)) <= log.TELLING
    assert len(crf.items()) <= WIDEST_GRID or len(log.columns(crf)) >= 3
