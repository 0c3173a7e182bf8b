"""What people do to each other's work, and to what is none of theirs: faults 19 to 21, 23, 25, 39 and 40."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from audit import clock
from audit.context import Reason, acting
from audit.models import Entry
from sites import accounts
from sites.models import Membership
from sites.roles import Role
from subjects.models import Subject
from tests.enrolled import screened
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.visitor import Visitor
from tests.people import OPEN, give_password, make_ready
from tests.pictures import png
from visits import dossier as dossiers
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave
from visits.models import Page
from visits.printing import documents
from visits.review import locking
from visits.review.queries import raise_query
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
    for name, value in (("p-revision", "-1"), ("p-revision", "x"), ("key", "x")):
        body = li_na.filled(demographics(other), age="70", **BORN)
        assert li_na.ask(demographics(other), body | {name: value}).status < 500
    body = li_na.filled(demographics(other), age="71", **BORN) | {"opened_by": str(uuid.uuid4())}
    assert li_na.ask(demographics(other), body).status < 500
    assert age(other) != 71


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
    for path in (
        f"/subjects/{subject.pk}/",
        demographics(subject),
        f"/subjects/{subject.pk}/pdf/",
        f"/queries/{query.pk}/",
        f"/jobs/{job.pk}/",
        f"/files/{upload.pk}/",
        file.format(subject.pk),
        f"/subjects/{subject.pk}/trail/{page.pk}/",
    ):
        absent = path.replace(str(subject.pk), str(uuid.uuid4()))
        assert ma_lin.ask(path).status == ma_lin.ask(absent).status == 404, path
    assert Entry.objects.filter(table_name="denied").count() > before
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


@fault(25)
def test_a_role_that_ends_while_somebody_types(stack: Stack) -> None:
    people = stack.people
    name = f"temp_{uuid.uuid4().hex[:6]}"
    user = accounts.add_user(by=people.zhao_min, username=name, full_name="Temp")
    held = accounts.grant_membership(
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
    accounts.end_membership(
        membership=Membership.objects.get(pk=held.pk), on=clock.today() - timedelta(1), by=people.zhao_min
    )
    assert temp.ask(demographics(subject), body).status in (403, 404)
    assert age(subject) is None
    assert Autosave.objects.filter(subject=subject).exists()


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
    health = stranger.ask("/healthz", X_Forwarded_For="127.0.0.1", X_Forwarded_Host="evil.example")
    assert "evil" not in health.text


@fault(40)
def test_five_wrong_passwords_lock_and_the_broker_forgets_nothing_of_it(stack: Stack) -> None:
    for number in range(5):
        Visitor(stack.url).sign_in("xu_fang", f"wrong password {number}")
        stack.flush()
    assert Visitor(stack.url).sign_in("xu_fang").status == 429
    assert Visitor(stack.url).sign_in("guo_tao").status == 302


@fault(41)
def test_a_hand_in_the_database_is_refused_or_seen(stack: Stack, subject: Subject) -> None:
    for statement in (
        "UPDATE crf_ic SET consent_version = '9'",
        "UPDATE audit_entry SET actor_name = 'x'",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
