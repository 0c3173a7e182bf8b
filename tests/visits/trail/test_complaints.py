"""What users of other systems complain of in their trails (peers.md 2.6, 44 to 46), each held by a test."""

from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.context import Reason
from audit.models import Entry
from sites import accounts
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.people import PASSWORD, People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.printing.appendix import appendix
from visits.printing.pages import Printing, casebook_html
from visits.trail import history

pytestmark = pytest.mark.django_db
WHY = "entered for another subject"


def entered(people: People, *, name: str = "aspirin") -> tuple[Subject, Page]:
    subject = screened(people)
    save_pages([PageEntry(subject_id=subject.pk, form="CM", values={"cm_name": name})], by=people.li_na)
    return subject, Page.objects.get(subject=subject, form="CM")


def save(page: Page, people: People, **entry: Any) -> None:
    page.refresh_from_db()
    save_pages(
        [entry_on(page, **entry)],
        by=people.li_na,
        reason=Reason("OTHER", WHY),
    )


@pytest.mark.urs("AUD-09", "AUD-10")
def test_peer_44_the_reason_for_removing_data_is_stored_and_shown(people: People) -> None:
    _subject, page = entered(people)
    removal = reverse("remove-page", args=[page.subject_id, page.pk])
    people.client("li_na").post(removal, {"revision": page.revision, "text": WHY})
    page.refresh_from_db()
    assert page.removed
    entry = Entry.objects.filter(page_id=str(page.pk), table_name="visits_page", op="U").latest("n")
    assert (entry.reason_code, entry.reason_text) == ("OTHER", WHY)
    shown = people.client("guo_tao").get(reverse("page-trail", args=[page.subject_id, page.pk]))
    assert WHY in shown.content.decode() and "aspirin" in shown.content.decode()


@pytest.mark.urs("AUD-09")
def test_peer_44_the_reason_for_clearing_a_value_is_stored_and_shown(people: People) -> None:
    _subject, page = entered(people)
    save(page, people, values={"cm_name": None})
    newest = history.item_history(page, "cm_name", by=people.guo_tao)[0]
    assert newest.reason_text == WHY
    assert [(told.old and told.old.en, told.new.en) for told in newest.told] == [("aspirin", "blank")]


@pytest.mark.urs("AUD-12")
def test_peer_45_the_end_of_an_account_and_a_logout_are_in_the_trail(people: People) -> None:
    client = people.client("li_na")
    client.post(reverse("account_logout"))
    [out] = Entry.objects.filter(op="E", table_name="logout")
    assert out.actor_name == "Li Na"
    accounts.change_user(user=people.users["li_na"], by=people.zhao_min, is_active=False)
    ended = Entry.objects.filter(table_name="sites_user", op="U", row_key=str(people.users["li_na"].pk))
    assert [
        (entry.actor_name, entry.old, entry.new) for entry in ended if "is_active" in (entry.new or {})
    ] == [("Zhao Min", {"is_active": True}, {"is_active": False})]


@pytest.mark.urs("AUD-10", "AUD-13")
def test_peer_45_a_casebook_keeps_the_values_of_removed_rows_and_every_old_value(people: People) -> None:
    subject, page = entered(people, name="aspirin")
    save(page, people, values={"cm_name": "clopidogrel"})
    save(page, people, removed=True)
    dossier = dossiers.load(subject)
    beside = appendix(subject, [record.id for record in dossier.pages])
    html = casebook_html(
        dossier, dossier.pages, Printing("Li Na", clock.now(), simulated=False), appendix=beside
    )
    sheets = html[: html.index('id="a-trail"')]
    assert "clopidogrel" in sheets
    assert "aspirin → clopidogrel" in html and WHY in html
    assert "Removed 已移除" in html


@pytest.mark.urs("AUD-12")
def test_peer_46_a_password_that_is_set_anew_is_in_the_trail_without_the_password(people: People) -> None:
    accounts.set_password(user=people.users["li_na"], password=PASSWORD, by=people.zhao_min)
    told = Entry.objects.filter(table_name="sites_user", op="U", row_key=str(people.users["li_na"].pk))
    [changed] = [entry for entry in told if "password" in (entry.new or {})]
    assert changed.actor_name == "Zhao Min"
    assert PASSWORD not in str(changed.new)


@pytest.mark.urs("AUD-12", "AUD-15")
def test_peer_46_an_export_is_in_the_trail(people: People) -> None:
    answer = people.client("guo_tao").post(reverse("trail-export"), {"site": "07"})
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    [taken] = Entry.objects.filter(op="E", table_name="trail_exported")
    assert (taken.actor_name, taken.site_id) == ("Guo Tao", "07")


@pytest.mark.urs("AUD-01")
def test_peer_46_every_edit_of_a_page_is_in_the_trail(people: People) -> None:
    _subject, page = entered(people, name="one")
    for name in ("two", "three", "four"):
        save(page, people, values={"cm_name": name})
    told = history.item_history(page, "cm_name", by=people.guo_tao)
    assert [line.told[0].new.en for line in told] == ["four", "three", "two", "one"]
