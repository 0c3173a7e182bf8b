"""The signing console: what is listed, what is refused, and the proof that every act asks for (SIG)."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from audit.context import Reason, acting
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.people import PASSWORD, People, build_people, give_password
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.printing.pages import Printing, page_html
from visits.review.queries import raise_query
from visits.review.signing.acts import Proven, declare
from visits.review.signing.records import Declaration, Signature

pytestmark = pytest.mark.django_db
PRINTING = Printing("Li Na", datetime(2026, 3, 1, tzinfo=UTC), simulated=False)
FORMS = ("BCS", "MH", "ABI")


@pytest.fixture
def people() -> People:
    made = build_people()
    give_password(made.users["zhang_wei"])
    return made


@pytest.fixture
def subject(people: People) -> Subject:
    made = screened(people)
    entries = [
        PageEntry(subject_id=made.pk, form=form, visit="SCR", not_done=True, not_done_reason="not asked")
        for form in FORMS
    ]
    save_pages(entries, by=people.li_na)
    return made


@pytest.fixture
def client(people: People) -> Client:
    declare(by=people.zhang_wei, proven=Proven(people.zhang_wei.user_id or ""))
    return people.client("zhang_wei")


def boxes(client: Client, subject: Subject, **more: str) -> dict[str, object]:
    """Return what the form of the subject's page sends when everything is ticked."""
    shown = client.get(f"/signing/{subject.pk}/").content.decode()
    seen = dict(re.findall(r'name="(seen-[0-9a-f-]+)" value="([0-9a-f]{64})"', shown))
    return {"page": [name.removeprefix("seen-") for name in seen], **seen, "password": PASSWORD, **more}


@pytest.mark.urs("SIG-07")
def test_the_console_lists_by_subject_and_visit_and_names_why_not(
    people: People, subject: Subject, client: Client
) -> None:
    raise_query(page=Page.objects.get(subject=subject, form="MH"), items=[], text="So?", by=people.wang_lei)
    listed = client.get("/signing/").content.decode()
    assert subject.usubjid.removeprefix("DEFIER-") in listed
    shown = client.get(f"/signing/{subject.pk}/?visit=SCR").content.decode()
    assert shown.count('name="page"') == 2
    assert "open queries: 1" in shown
    assert "required items missing" in shown
    answer = client.post(f"/signing/{subject.pk}/", boxes(client, subject), follow=True)
    assert "2 pages signed." in answer.content.decode()
    assert Signature.objects.count() == 2
    assert {row.level for row in Signature.objects.all()} == {"subject"}


@pytest.mark.urs("SIG-07")
def test_nothing_is_ticked_but_what_the_signer_ticked(
    people: People, subject: Subject, client: Client
) -> None:
    """Each signature is an act of its own: a refusal keeps the ticks that were there, and adds none."""
    shown = client.get(f"/signing/{subject.pk}/").content.decode()
    assert shown.count('name="page"') == 3 and not _ticked(shown)
    assert "data-tick-read hidden" in shown and "js/signing" in shown
    sent = boxes(client, subject, password="")
    sent["page"] = sent["page"][:2]  # type: ignore[index]
    refused = client.post(f"/signing/{subject.pk}/", sent).content.decode()
    assert _ticked(refused) == set(sent["page"])  # type: ignore[call-overload]
    assert client.post(f"/signing/{subject.pk}/", {"password": PASSWORD}).status_code == 422


def _ticked(html: str) -> set[str]:
    return {
        page
        for page, rest in re.findall(r'name="page" value="([0-9a-f-]+)"([^>]*)', html)
        if "checked" in rest
    }


@pytest.mark.urs("SIG-03")
def test_the_session_alone_signs_nothing(people: People, subject: Subject, client: Client) -> None:
    sent = boxes(client, subject)
    assert client.post(f"/signing/{subject.pk}/", {**sent, "password": ""}).status_code == 403
    assert client.post(f"/signing/{subject.pk}/", {**sent, "password": "somebody-else-1"}).status_code == 403
    assert not Signature.objects.exists()
    one = {**sent, "page": sent["page"][:1]}  # type: ignore[index]
    assert client.post(f"/signing/{subject.pk}/", one).status_code == 302
    rest = {**sent, "page": sent["page"][1:], "password": ""}  # type: ignore[index]
    assert client.post(f"/signing/{subject.pk}/", rest).status_code == 403
    assert Signature.objects.count() == 1


@pytest.mark.urs("SIG-09")
def test_wrong_passwords_shut_the_account(people: People, subject: Subject, client: Client) -> None:
    sent = boxes(client, subject)
    tried = [
        client.post(f"/signing/{subject.pk}/", {**sent, "password": f"wrong-{n}"}).status_code
        for n in range(5)
    ]
    assert tried[:4] == [403] * 4
    assert tried[4] == 429
    assert client.post(f"/signing/{subject.pk}/", sent).status_code == 429
    assert not Signature.objects.exists()
    assert Entry.objects.filter(table_name="locked_out").count() == 1


@pytest.mark.urs("SIG-06")
@pytest.mark.fault(26)
def test_what_changed_while_it_was_read_is_not_signed(
    people: People, subject: Subject, client: Client
) -> None:
    sent = boxes(client, subject)
    page = Page.objects.get(subject=subject, form="BCS")
    entry = entry_on(page, not_done=True, not_done_reason="another reason")
    save_pages([entry], by=people.li_na, reason=Reason("OTHER", "clearer"))
    answer = client.post(f"/signing/{subject.pk}/", sent)
    assert answer.status_code == 409
    assert "Changed while you were reading" in answer.content.decode()
    assert not Signature.objects.exists()


def test_what_changed_since_the_last_signature_is_told(
    people: People, subject: Subject, client: Client
) -> None:
    client.post(f"/signing/{subject.pk}/", boxes(client, subject))
    page = Page.objects.get(subject=subject, form="BCS")
    with acting(by=people.li_na, reason=Reason("OTHER", "misread")):
        Page.objects.filter(pk=page.pk).update(not_done_reason="refused by the subject")
    shown = client.get(f"/signing/{subject.pk}/").content.decode()
    for words in ("Changed since the last signature", "not asked", "refused by the subject", "Li Na"):
        assert words in shown
    assert client.get("/signing/?show=broken").content.decode().count("Read and sign") == 1


@pytest.mark.urs("SIG-10")
def test_the_declaration_comes_first(people: People, subject: Subject) -> None:
    browser = people.client("zhang_wei")
    assert "Before your first signature" in browser.get("/signing/").content.decode()
    assert browser.post(f"/signing/{subject.pk}/", boxes(browser, subject)).status_code == 403
    assert browser.post("/signing/", {"password": PASSWORD}).status_code == 422
    assert browser.post("/signing/", {"accepted": "1", "password": "wrong-one"}).status_code == 403
    assert not Declaration.objects.exists()
    assert browser.post("/signing/", {"accepted": "1", "password": PASSWORD}).status_code == 302
    assert Declaration.objects.get().version == "1.0"
    assert browser.post(f"/signing/{subject.pk}/", boxes(browser, subject)).status_code == 302


@pytest.mark.urs("SIG-08")
def test_a_signature_is_withdrawn_with_reason_and_password(
    people: People, subject: Subject, client: Client
) -> None:
    client.post(f"/signing/{subject.pk}/", boxes(client, subject))
    where = f"/signing/withdraw/{Page.objects.get(subject=subject, form='BCS').pk}/"
    assert "Withdraw" in client.get(where).content.decode()
    assert client.post(where, {"reason": "x"}).status_code == 403
    assert client.post(where, {"reason": " ", "password": PASSWORD}).status_code == 422
    assert client.post(where, {"reason": "too early", "password": PASSWORD}).status_code == 302
    assert client.post(where, {"reason": "too early", "password": PASSWORD}).status_code == 409
    assert list(Signature.objects.filter(act="WITHDRAW").values_list("reason", flat=True)) == ["too early"]


@pytest.mark.urs("SIG-04")
def test_others_are_refused_and_strangers_find_nothing(people: People, subject: Subject) -> None:
    assert people.client("li_na").get("/signing/").status_code == 403
    assert people.client("wang_lei").get(f"/signing/{subject.pk}/").status_code == 403


@pytest.mark.urs("SIG-01")
@pytest.mark.urs("SIG-11")
def test_screen_and_print_tell_name_time_meaning_and_worth(
    people: People, subject: Subject, client: Client
) -> None:
    client.post(f"/signing/{subject.pk}/", boxes(client, subject))

    def told() -> tuple[str, str]:
        dossier = dossiers.load(subject)
        printed = page_html(dossier, next(p for p in dossier.pages if p.form == "BCS"), PRINTING)
        return client.get(f"/subjects/{subject.pk}/SCR/BCS/").content.decode(), printed

    for text in told():
        for words in ("Zhang Wei", "+0800 (", "UTC)", "I have reviewed and confirm", "valid"):
            assert words in text
        assert "broken" not in text.split("</head>")[1].replace("g-broken", "")
    with acting(by=people.li_na, reason=Reason("OTHER", "misread")):
        Page.objects.filter(subject=subject, form="BCS").update(not_done_reason="refused")
    for text in told():
        assert "broken: changed since" in text


@pytest.mark.urs("SIG-05")
def test_the_home_of_the_investigator_counts_what_waits(
    people: People, subject: Subject, client: Client
) -> None:
    def counted() -> dict[str, str]:
        shown = client.get("/").content.decode()
        return dict(re.findall(r'href="/signing/\?show=(\w+)" data-number="(\d+)"', shown))

    assert counted() == {"ready": "1", "broken": "0"}
    client.post(f"/signing/{subject.pk}/", boxes(client, subject))
    assert counted() == {"ready": "0", "broken": "0"}
    with acting(by=people.li_na, reason=Reason("OTHER", "misread")):
        Page.objects.filter(subject=subject, form="BCS").update(not_done_reason="refused")
    assert counted() == {"ready": "1", "broken": "1"}
