"""Notes: beside an item, with who and when, never changed, never work."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from audit.context import acting
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import entry_on
from tests.people import People
from tests.visits.test_moving import sound
from visits import dossier as dossiers
from visits.arranging.noted import Note
from visits.arranging.notes import LONGEST, NoteRefused, add_note
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.printing.content import Reader
from visits.review.blockers import blockers
from visits.review.locking import lock

WORDS = "Read from the consent form of the archive."


@pytest.fixture
def page(subject: Subject) -> Page:
    return Page.objects.get(subject=subject, form="IC")


def kept(people: People, page: Page, item: str = "consent_version", name: str = "li_na") -> Note:
    return add_note(page=page, item=item, text=WORDS, by=people.actors[name])


@pytest.mark.urs("AUD-01")
def test_a_note_stands_beside_its_item(people: People, subject: Subject, page: Page) -> None:
    kept(people, page)
    [note] = dossiers.load(subject).page(page.pk).notes  # type: ignore[union-attr]
    assert (note.item, note.text, note.by_name) == ("consent_version", WORDS, "Li Na")
    drawn = people.client("li_na").get(f"/subjects/{subject.pk}/SCR/IC/").content.decode()
    assert WORDS in drawn
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="visits_note", op="I").count() == 1
    assert sound()


@pytest.mark.urs("AUD-04")
@pytest.mark.parametrize("statement", ["UPDATE visits_note SET text = 'x'", "DELETE FROM visits_note"])
def test_nobody_changes_or_deletes_it(people: People, page: Page, statement: str) -> None:
    kept(people, page)
    with (
        pytest.raises(DatabaseError),
        acting(by=people.li_na),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Note.objects.get().text == WORDS


def test_it_is_no_work_and_changes_nothing(people: People, subject: Subject, page: Page) -> None:
    before = (list(blockers(by=people.chen_jing, kinds=[])), Query.objects.count(), page.revision)
    kept(people, page)
    page.refresh_from_db()
    assert (list(blockers(by=people.chen_jing, kinds=[])), Query.objects.count(), page.revision) == before
    entry = entry_on(page, values={})
    save_pages([entry], by=people.li_na)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("x" * (LONGEST + 1), "1000"),
        ("a\x00b", "U+0000"),
        ("\ud800", "U+D800"),
    ],
)
def test_what_cannot_be_kept_is_refused(people: People, page: Page, text: str, says: str) -> None:
    with pytest.raises(NoteRefused, match=says.replace("+", r"\+")):
        add_note(page=page, item="", text=text, by=people.li_na)


@pytest.mark.urs("PRI-03")
def test_what_may_identify_a_person_is_asked_about(people: People, subject: Subject, page: Page) -> None:
    text = "Called at 13812345678."
    with pytest.raises(NoteRefused) as refused:
        add_note(page=page, item="", text=text, by=people.li_na)
    assert refused.value.ask
    client, url = people.client("li_na"), f"/subjects/{subject.pk}/note/{page.pk}/"
    answer = client.post(url, {"item": "consent_version", "text": text})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert text in shown and 'name="harmless"' in shown
    assert not Note.objects.exists()
    assert client.post(url, {"item": "", "text": text, "harmless": "1"}).status_code == 302
    assert Note.objects.get().text == text


def test_an_item_that_the_form_does_not_have(people: People, subject: Subject, page: Page) -> None:
    with pytest.raises(ValueError):
        kept(people, page, item="age")
    answer = people.client("li_na").post(
        f"/subjects/{subject.pk}/note/{page.pk}/", {"item": "age", "text": "x"}
    )
    assert answer.status_code == 404


@pytest.mark.urs("LCK-01")
def test_a_locked_page_takes_no_note(people: People, page: Page) -> None:
    lock(level="page", page=page, by=people.chen_jing, reason="Interim analysis", interim=True)
    with pytest.raises(Locked):
        kept(people, page)


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize(
    ("name", "may"),
    [("li_na", True), ("zhang_wei", True), ("wang_lei", True), ("chen_jing", True), ("ma_lin", False),
     ("sun_qing", False), ("he_ming", False), ("guo_tao", False), ("zhao_min", False)],
)  # fmt: skip
def test_who_writes_notes(people: People, page: Page, name: str, may: bool) -> None:
    if may:
        assert kept(people, page, name=name).by_name == people.users[name].full_name
        return
    with pytest.raises(PermissionDenied):
        kept(people, page, name=name)


@pytest.mark.urs("ACL-05")
def test_the_committee_reads_none(people: People, subject: Subject) -> None:
    entry = PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "Bleeding"})
    saved = save_pages([entry], by=people.li_na)
    event = Page.objects.get(pk=saved.pages[0].id)
    add_note(page=event, item="ae_term", text="Two balloons were used.", by=people.li_na)
    address = f"/subjects/{subject.pk}/LOG/AE/"
    assert "Two balloons" in people.client("li_na").get(address).content.decode()
    assert "Two balloons" not in people.client("he_ming").get(address).content.decode()


def test_the_casebook_prints_it(people: People, subject: Subject, page: Page) -> None:
    kept(people, page)
    kept(people, page, item="")
    [sheet] = Reader(dossiers.load(subject)).sheets()[:1]
    printed = sheet.pages[0]
    notes = [note.en for part in printed.parts for line in part.lines for note in line.notes]
    assert any(WORDS in note and "Li Na" in note for note in notes)
    assert printed.remark is not None and WORDS in printed.remark.en
