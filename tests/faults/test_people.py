"""What people do to each other's work, and to what is none of theirs: faults 19 to 21, 23, 25, 39 and 40."""

import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import DatabaseError, connection, transaction

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from audit.sight import seeing
from sites import accounts
from sites.models import Membership, Training, User
from sites.roles import Role
from subjects.models import Subject
from tests.enrolled import screened
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.test_forms import ready
from tests.faults.test_surroundings import another_web
from tests.faults.visitor import Visitor
from tests.people import OPEN, PASSWORD, give_password, make_ready
from tests.pictures import png
from visits import dossier as dossiers
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave
from visits.models import Lock, Page
from visits.printing import documents
from visits.review import locking, unlocking
from visits.review.queries import raise_query
from visits.review.records import Unlock
from visits.review.signing.acts import Proven, declare
from visits.review.signing.records import Signature
from visits.uploads.records import Upload

pytestmark = pytest.mark.slow
BORN = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M"}


def demographics(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


def age(subject: Subject) -> object:
    return dossiers.load(Subject.objects.get(pk=subject.pk)).value("dm.age")


@fault(19)
def test_hidden_fields_decide_nothing(stack: Stack, subject: Subject, li_na: Visitor) -> None:
    """Another subject, another site, a state, a form version: sent along, they change nothing."""
    other = screened(stack.people)
    body = li_na.filled(demographics(subject), age="70", **BORN)
    forged = {"subject": str(other.pk), "site": "02", "form": "PR", "form_version": "9", "signed_by": "me"}
    assert li_na.ask(demographics(subject), body | forged).status < 500
    assert not Page.objects.filter(subject=other, form="DM").exists()
    assert not Page.objects.filter(form_version="9").exists()
    noted = Entry.objects.filter(table_name="protected_names").latest("at")
    assert noted.new["names"] == ["form_version", "signed_by", "site", "subject"]
    assert noted.actor_id == stack.people.li_na.user_id
    assert li_na.save(demographics(other), age="70", **BORN).status == 302
    for text in ("-1", "0", "x", "", "999"):
        body = li_na.filled(demographics(other), age="71", reason="TYPO")
        [revision] = [name for name in body if name.endswith("-revision")]
        assert 400 <= li_na.ask(demographics(other), body | {revision: text}).status < 500, text
        assert age(other) == 70, text
    body = li_na.filled(demographics(other), age="71", reason="TYPO") | {"opened_by": str(uuid.uuid4())}
    assert li_na.ask(demographics(other), body).status == 409
    assert age(other) == 70


@fault(20)
def test_what_is_of_another_site_is_not_there(
    stack: Stack, subject: Subject, li_na: Visitor, ma_lin: Visitor
) -> None:
    save_pages(
        [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": 70})], by=stack.people.li_na
    )
    page = Page.objects.get(subject=subject, form="DM")
    query = raise_query(page=page, items=["age"], text="Sure?", by=stack.people.wang_lei)
    job = documents.request_casebook(subject=subject, by=stack.people.li_na, language="en")
    file = "/subjects/{}/files/"
    assert li_na.upload(file.format(subject.pk), "a.png", png()).status == 302
    upload = Upload.objects.get(subject=subject)
    before = Entry.objects.filter(table_name="denied").count()
    paths = (
        f"/subjects/{subject.pk}/",
        demographics(subject),
        f"/subjects/{subject.pk}/pdf/",
        f"/queries/{query.pk}/",
        f"/jobs/{job.pk}/",
        f"/files/{upload.pk}/",
        file.format(subject.pk),
        f"/subjects/{subject.pk}/trail/{page.pk}/",
    )
    for path in paths:
        assert ma_lin.ask(path).status == 404, path
    denied = Entry.objects.filter(table_name="denied")
    assert denied.count() == before + len(paths), "each is noted"
    for path in paths:
        absent = path
        for known in (subject.pk, query.pk, job.pk, upload.pk, page.pk):
            absent = absent.replace(str(known), str(uuid.uuid4()))
        assert ma_lin.ask(absent).status == 404, absent
    body = {**ma_lin.drawn("/"), "p-age": "99", "p-revision": "1", "key": str(uuid.uuid4())}
    assert ma_lin.ask(demographics(subject), body).status == 404
    assert age(subject) == 70


@fault(21)
def test_a_lock_holds_against_page_service_and_raw_sql(
    stack: Stack, subject: Subject, li_na: Visitor
) -> None:
    body = li_na.filled(demographics(subject), age="70", **BORN)
    locking.lock(level="subject", subject=subject, by=stack.people.chen_jing, reason="Fault 21", interim=True)
    assert li_na.ask(demographics(subject), body).status in (403, 409)
    with pytest.raises(Locked):
        save_pages(
            [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": 70})],
            by=stack.people.li_na,
        )
    with (
        pytest.raises(DatabaseError) as refused,
        acting(by=stack.people.li_na, reason=Reason("TYPO")),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE crf_ic SET screening_date = '2026-03-02' WHERE subject_id = %s", [subject.pk])
    assert locking.refused_by_lock(refused.value)
    assert not Page.objects.filter(subject=subject, form="DM").exists()


@fault(23)
def test_a_save_and_a_lock_have_one_winner(stack: Stack, li_na: Visitor) -> None:
    for _ in range(3):
        subject = screened(stack.people)
        body = li_na.filled(demographics(subject), age="70", **BORN)

        def lock(of: Subject = subject) -> None:
            try:
                locking.lock(
                    level="subject", subject=of, by=stack.people.chen_jing, reason="Race", interim=True
                )
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            locked = pool.submit(lock)
            saved = pool.submit(li_na.ask, demographics(subject), body).result()
            locked.result()
        assert saved.status in (302, 403, 409)
        assert (age(subject) == 70) == (saved.status == 302)


@fault(23)
@pytest.mark.urs("LCK-03")
def test_of_two_people_who_decide_about_an_unlock_at_once_one_wins(stack: Stack, subject: Subject) -> None:
    """One grants, one refuses, at the same moment: one decision stands, and the trail tells whose it is."""
    people = stack.people
    lock = locking.lock(level="subject", subject=subject, by=people.chen_jing, reason="23", interim=True)
    for _ in range(3):
        asked = unlocking.ask_to_unlock(
            lock=lock, level="subject", subject=subject, by=people.chen_jing, reason="23", days=1
        )
        together = threading.Barrier(2)

        def decide(how: tuple[str, Actor], asked: Unlock = asked, together: Any = together) -> str:
            move, by = how
            try:
                with seeing(None):
                    together.wait(10)
                    unlocking.decide(unlock=asked, move=move, by=by, proven=Proven(by.user_id or ""))
                    return str(by.user_id)
            except unlocking.NotPossible:
                return ""
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(decide, [("grant", people.sun_qing), ("refuse", people.chen_jing)]))
        now = Unlock.objects.get(pk=asked.pk)
        assert sorted(map(bool, both)) == [False, True]
        [won] = filter(None, both)
        assert now.decided_by_id == won and now.state == ("GRANTED" if both[0] else "REFUSED")
        told = Entry.objects.filter(table_name="visits_unlock", row_key__contains=str(asked.pk)).latest("n")
        assert told.actor_id == won
        if both[0]:
            unlocking.decide(unlock=now, move="relock", by=people.chen_jing)
            lock = Lock.objects.get(subject=subject, released_at=None)


def ends_role(user: User, by: Actor) -> None:
    [held] = Membership.objects.filter(user=user)
    accounts.end_membership(membership=held, on=clock.today() - timedelta(1), by=by)


def ends_training(user: User, by: Actor) -> None:
    """Let the GCP certificate run out yesterday, as it does by itself one night."""
    with acting(by=by):
        Training.objects.filter(user=user, kind=Training.Kind.GCP).update(
            valid_to=clock.today() - timedelta(1)
        )


def ends_account(user: User, by: Actor) -> None:
    accounts.change_user(user=user, by=by, is_active=False)


@fault(25)
@pytest.mark.urs("ACL-09")
@pytest.mark.parametrize(
    ("ends", "status", "words"),
    [
        (ends_role, 403, "Your role in the study does not include"),
        (ends_training, 403, "your GCP certificate is missing or has run out"),
        (ends_account, 401, "sign in"),
    ],
    ids=["role", "training", "account"],
)
def test_a_right_that_ends_while_somebody_types(stack: Stack, ends: Any, status: int, words: str) -> None:
    people = stack.people
    name = f"temp_{uuid.uuid4().hex[:6]}"
    user = accounts.add_user(by=people.zhao_min, username=name, full_name="Temp")
    accounts.grant_membership(
        user=user, role=Role.COORDINATOR, site=people.sites["07"], from_date=OPEN, by=people.zhao_min
    )
    make_ready(user, people.sites["07"])
    give_password(user)
    subject = screened(people)
    temp = Visitor(stack.url)
    assert temp.sign_in(name).status == 302
    body = temp.filled(demographics(subject), age="70", **BORN)
    draft = temp.ask(f"{demographics(subject)}draft/", body | {"act": "keep"})
    assert draft.status == 200
    ends(user, people.zhao_min)
    answer = temp.ask(demographics(subject), body)
    assert answer.status == status and words in answer.text
    assert age(subject) is None
    assert Autosave.objects.filter(subject=subject, author_id=str(user.pk)).exists()


@fault(39)
def test_forged_headers_lead_nowhere(stack: Stack) -> None:
    stranger = Visitor(stack.url)
    assert stranger.ask("/login/", Host="evil.example").status == 400
    form = {**stranger.drawn("/login/"), "login": "li_na", "password": "only-for-tests-2026"}
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = Visitor(stack.url)
        sent = answer.ask("/login/", {**form, **answer.drawn("/login/"), "next": target})
        assert "evil" not in sent.headers.get("Location", "")
        assert "javascript" not in sent.headers.get("Location", "")
    forged = stranger.ask("/", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https")
    assert forged.headers["Location"].startswith("/login/")


@fault(39)
@pytest.mark.urs("SEC-16", "ACC-04")
def test_a_forged_address_opens_no_second_count(stack: Stack) -> None:
    """Who tells another X-Forwarded-For each time is counted as one, and so is the account."""
    for number in range(5):
        form = {**Visitor(stack.url).drawn("/login/"), "login": "zhou_yan", "password": f"wrong {number}"}
        guess = Visitor(stack.url)
        form["csrfmiddlewaretoken"] = guess.drawn("/login/")["csrfmiddlewaretoken"]
        guess.ask("/login/", form, X_Forwarded_For=f"203.0.113.{number}", X_Real_IP=f"203.0.113.{number}")
    assert Visitor(stack.url).sign_in("zhou_yan").status == 429
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM axes_accessattempt WHERE host(ip_address::inet) LIKE '203.%'")
        assert cursor.fetchone() == (0,)


@fault(40)
@pytest.mark.urs("ACC-04", "SIG-09", "BCK-05")
def test_five_wrong_proofs_lock_wherever_they_are_given_and_the_broker_forgets_nothing_of_it(
    stack: Stack, subject: Subject, tmp_path: Path
) -> None:
    """Two at the sign-in, two at a code, one at a signature; codes are asked for by a web of its own."""
    people, site = stack.people, stack.people.sites["07"]
    name = f"proof_{uuid.uuid4().hex[:6]}"
    user = accounts.add_user(by=people.zhao_min, username=name, full_name="Proof")
    accounts.grant_membership(
        user=user, role=Role.INVESTIGATOR, site=site, from_date=OPEN, by=people.zhao_min
    )
    make_ready(user, site, Role.INVESTIGATOR)
    give_password(user)
    entry = PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="x")
    save_pages([entry], by=people.li_na)
    with another_web(stack, tmp_path / "web.log", MFA_REQUIRED="1") as signing:
        assert signing.sign_in(name).status == 302
        add_app(signing)
        declare(by=Actor(str(user.pk), "Proof", Role.INVESTIGATOR, "07"), proven=Proven(str(user.pk)))
        body = ready(signing, subject)
        coded = Visitor(signing.url)
        assert coded.sign_in(name).status == 302
        for number in range(2):
            stack.flush()
            assert Visitor(signing.url).sign_in(name, f"wrong password {number}").status == 200
        for _ in range(2):
            stack.flush()
            code = coded.ask("/login/code/")
            assert coded.ask("/login/code/", {**code.hidden(), "code": "000000"}).status in (200, 422)
        assert signing.ask(f"/signing/{subject.pk}/", body | {"password": "wrong"}).status == 429
        stack.flush()
        assert signing.ask(f"/signing/{subject.pk}/", body).status == 429
        assert Visitor(signing.url).sign_in(name).status == 429
    assert not Signature.objects.filter(subject=subject).exists()
    assert Visitor(stack.url).sign_in("guo_tao").status == 302


def add_app(browser: Visitor) -> None:
    """Set up an authenticator app as its person does."""
    drawn = browser.ask("/profile/factor/")
    found = re.search(r"<code>([A-Z2-7 ]{20,})</code>", drawn.text)
    assert found
    for steps in (0, 1):  # the step may change while the form is sent
        code = format_hotp_value(hotp_value(found[1].replace(" ", ""), int(time.time()) // 30 + steps))
        sent = browser.ask("/profile/factor/", {**drawn.hidden(), "password": PASSWORD, "code": code})
        if sent.status == 200 and "<code>" in sent.text:
            return
    raise AssertionError(sent.text)


@fault(41)
def test_a_hand_in_the_database_is_refused_or_seen(stack: Stack, subject: Subject) -> None:
    for statement in (
        "UPDATE crf_ic SET consent_version = '9'",
        "UPDATE audit_entry SET actor_name = 'x'",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
