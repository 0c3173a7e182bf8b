"""What happens to a form between being opened and being saved: faults 14 to 18, 22, 24, 26 and 38."""

import io
import re
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.models import Session
from PIL import Image

from audit.context import Reason
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.faults.conftest import visitor
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.visitor import Visitor
from tests.faults.wire import bad_wire
from tests.people import PASSWORD
from tests.pictures import pdf, png
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.review.queries import move_query, raise_query
from visits.review.signing.acts import Proven, declare
from visits.review.signing.records import Signature
from visits.uploads.records import Upload

pytestmark = pytest.mark.slow
BORN = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M"}
TYPO = Reason("TYPO")
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def age(subject: Subject) -> object:
    return dossiers.load(Subject.objects.get(pk=subject.pk)).value("dm.age")


@pytest.fixture
def stored(subject: Subject, li_na: Visitor) -> Subject:
    """A subject of 70 years whose demographics are saved."""
    assert li_na.save(demographics(subject), age="70", **BORN).status == 302
    return subject


@fault(14)
@pytest.mark.urs("CON-01")
def test_of_two_tabs_the_second_compares(stored: Subject, li_na: Visitor) -> None:
    first = li_na.filled(demographics(stored), age="71", reason="TYPO")
    second = li_na.filled(demographics(stored), age="72", reason="TYPO")
    assert li_na.ask(demographics(stored), first).status == 302
    answer = li_na.ask(demographics(stored), second)
    assert answer.status == 409
    assert "71" in answer.text and "72" in answer.text
    assert age(stored) == 71


@fault(15)
def test_going_back_and_sending_again_reverts_nothing(stored: Subject, li_na: Visitor) -> None:
    """The browser shows the form as it was; sent as it is or typed on, nothing newer is undone in silence."""
    old = li_na.filled(demographics(stored), age="71", reason="TYPO")
    assert li_na.ask(demographics(stored), old).status == 302
    assert li_na.save(demographics(stored), age="75", reason="TYPO").status == 302
    assert li_na.ask(demographics(stored), old).status in (302, 409)
    assert age(stored) == 75
    typed_on = {name: "66" if name.endswith("-age") else text for name, text in old.items()}
    assert li_na.ask(demographics(stored), typed_on).status == 409
    assert age(stored) == 75


def end_sessions() -> None:
    Session.objects.all().delete()


@fault(16)
def test_a_form_sent_after_the_session_comes_back_whole(
    stack: Stack, subject: Subject, signed_in: dict[str, Visitor]
) -> None:
    li_na = visitor(stack, signed_in, "li_na")
    body = li_na.filled(demographics(subject), age="70", **BORN)
    end_sessions()
    signed_in.clear()
    answer = li_na.ask(demographics(subject), body)
    assert answer.status == 401
    again = answer.hidden()
    assert all(again[name] == text for name, text in body.items() if name != "csrfmiddlewaretoken")
    assert age(subject) is None
    other = visitor(stack, signed_in, "zhang_wei")
    fresh = {"csrfmiddlewaretoken": other.drawn("/")["csrfmiddlewaretoken"]}
    foreign = other.ask(demographics(subject), body | fresh)
    assert foreign.status == 409 and age(subject) is None, "nobody saves what another person typed"
    assert li_na.sign_in("li_na").status == 302
    token = li_na.drawn(demographics(subject))["csrfmiddlewaretoken"]
    assert li_na.ask(demographics(subject), again | {"csrfmiddlewaretoken": token}).status == 302
    assert age(subject) == 70


@fault(17)
def test_a_form_older_than_the_sign_in_comes_back_whole(stack: Stack, subject: Subject) -> None:
    li_na = Visitor(stack.url)
    assert li_na.sign_in("li_na").status == 302
    body = li_na.filled(demographics(subject), age="70", **BORN)
    li_na.jar.clear()
    assert li_na.sign_in("li_na").status == 302
    answer = li_na.ask(demographics(subject), body, Origin=stack.url)
    assert answer.status == 403 and age(subject) is None
    assert li_na.ask(demographics(subject), answer.hidden(), Origin=stack.url).status == 302
    assert age(subject) == 70


@fault(18)
@pytest.mark.urs("BCK-06")
def test_a_slow_line_that_loses_requests_and_answers_saves_once(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    """Every answer takes five seconds; of three connections one is cut before, and one after the server."""
    body = li_na.filled(demographics(subject), age="70", **BORN)
    with bad_wire(stack.port, seconds=5) as port:
        far = Visitor(f"http://127.0.0.1:{port}")
        far.jar = li_na.jar
        far.opener = li_na.opener
        came = [far.until_answered(demographics(subject), body) for _ in range(2)]
    assert [(one.answer.status, one.lost) for one in came] == [(302, 2), (302, 2)]
    assert Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="crf_dm").count() == 1


@pytest.fixture
def zhang_wei(stack: Stack, signed_in: dict[str, Visitor]) -> Visitor:
    """The investigator of site 07, who has accepted the declaration."""
    declare(by=stack.people.zhang_wei, proven=Proven(stack.people.zhang_wei.user_id or ""))
    return visitor(stack, signed_in, "zhang_wei")


@pytest.fixture
def to_sign(stack: Stack, subject: Subject) -> Subject:
    """A subject with one page that can be signed."""
    entry = PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="asked")
    save_pages([entry], by=stack.people.li_na)
    return subject


def ready(browser: Visitor, subject: Subject) -> dict[str, str]:
    """Return what the signing page of a subject with one ready page sends."""
    shown = browser.ask(f"/signing/{subject.pk}/?visit=SCR&form=BCS")
    seen = dict(re.findall(r'name="(seen-[0-9a-f-]+)" value="([0-9a-f]{64})"', shown.text))
    (page,) = [name.removeprefix("seen-") for name in seen]
    return {**shown.hidden(), **seen, "page": page, "password": PASSWORD}


@fault(22)
@pytest.mark.urs("SIG-05")
def test_a_change_after_signing_breaks_the_signature_and_waits_for_the_investigator(
    stack: Stack, to_sign: Subject, zhang_wei: Visitor
) -> None:
    sign = f"/signing/{to_sign.pk}/"
    assert zhang_wei.ask(sign, ready(zhang_wei, to_sign)).status == 302
    number = to_sign.usubjid.removeprefix("DEFIER-")
    assert number not in zhang_wei.ask("/signing/?show=broken").text
    alter(stack, to_sign)
    assert number in zhang_wei.ask("/signing/?show=broken").text
    assert "Changed since the last signature" in zhang_wei.ask(sign).text


def alter(stack: Stack, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="BCS")
    entry = entry_on(page, not_done=True, not_done_reason="another reason")
    save_pages([entry], by=stack.people.li_na, reason=TYPO)


@fault(24)
def test_an_answer_to_a_query_that_was_closed_meanwhile_is_given_back(
    stack: Stack, stored: Subject, li_na: Visitor
) -> None:
    page = Page.objects.get(subject=stored, form="DM")
    query = raise_query(page=page, items=["age"], text="Sure?", by=stack.people.wang_lei)
    thread = f"/queries/{query.pk}/"
    body = {**li_na.drawn(thread), "move": "answer", "answer": "text", "text": "Read again in the file: 70."}
    move_query(query=query, move="close", by=stack.people.wang_lei, reason="confirmed")
    answer = li_na.ask(thread, body)
    assert answer.status == 409
    assert "Read again in the file: 70." in answer.text
    now = Query.objects.get(pk=query.pk)
    assert (now.state, now.steps.count()) == ("CLOSED", 2)


@fault(26)
@pytest.mark.urs("SIG-06")
def test_the_investigator_signs_what_was_shown_or_nothing(
    stack: Stack, to_sign: Subject, zhang_wei: Visitor
) -> None:
    body = ready(zhang_wei, to_sign)
    alter(stack, to_sign)
    answer = zhang_wei.ask(f"/signing/{to_sign.pk}/", body)
    assert answer.status == 409 and "Changed while you were reading" in answer.text
    assert not Signature.objects.filter(subject=to_sign).exists()


@fault(26)
def test_a_signature_and_a_save_at_once_end_in_one_order(stack: Stack, zhang_wei: Visitor) -> None:
    """Either the save came first and nothing is signed, or the signature did and the save broke it."""
    for _ in range(3):
        subject = screened(stack.people)
        entry = PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="x")
        save_pages([entry], by=stack.people.li_na)
        body = ready(zhang_wei, subject)
        with ThreadPoolExecutor(1) as pool:
            signing = pool.submit(zhang_wei.ask, f"/signing/{subject.pk}/", body)
            alter(stack, subject)
        signed = Signature.objects.filter(subject=subject).exists()
        assert signing.result().status == (302 if signed else 409)
        broken = subject.usubjid.removeprefix("DEFIER-") in zhang_wei.ask("/signing/?show=broken").text
        assert broken == signed


def huge_picture() -> bytes:
    """Return a PNG of 150 million points in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (15_000, 10_000)).save(out, "PNG")
    return out.getvalue()


@fault(38)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("eicar.png", EICAR),
        ("eicar.pdf", EICAR),
        ("bomb.pdf", pdf(b">> stream\n" + zlib.compress(b"0" * 300_000_000, 9) + b"\nendstream")),
        ("page.png", b"<html><script>alert(1)</script>"),
        ("program.png.exe", png()),
        ("huge.png", huge_picture()),
        ("names.dcm", b"\0" * 128 + b"DICM" + b"\x10\x00\x10\x00PN\x0c\x00Wang^Xiaoming"),
        ("names.png", b"\0" * 128 + b"DICM" + b"\x10\x00\x10\x00PN\x0c\x00Wang^Xiaoming"),
        ("archive.zip", b"PK\x03\x04"),
        ("acts.pdf", pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_is_refused(subject: Subject, li_na: Visitor, name: str, content: bytes) -> None:
    assert li_na.upload(f"/subjects/{subject.pk}/files/", name, content).status == 422
    assert not Upload.objects.filter(subject=subject).exists()


@fault(38)
def test_what_hangs_behind_a_picture_is_not_kept(subject: Subject, li_na: Visitor) -> None:
    behind = b"<script>alert(1)</script>PK\x03\x04" + EICAR
    assert li_na.upload(f"/subjects/{subject.pk}/files/", "both.png", png() + behind).status == 302
    kept = Upload.objects.get(subject=subject)
    assert not any(part in bytes(kept.content) for part in (b"<script>", b"PK\x03\x04", EICAR))
    assert li_na.ask(f"/files/{uuid.uuid4()}/").status == 404
