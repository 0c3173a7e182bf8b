"""The gates of a lock: each kind of blocker refuses a lock and names itself (LCK-02); reminders by mail."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail

from audit.context import acting
from audit.jobs import Progress
from audit.models import Entry, Job
from sites.models import User
from sites.upkeep import configure_study
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, People
from tests.visits.sdv.marks import ask_for_all, enter, record_of, verify
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.jobs import remind_blockers
from visits.models import Page, Query
from visits.review import locking, reminding, unlocking
from visits.review.blockers import rehearse
from visits.review.gates import KINDS, OWNERS, READ
from visits.review.queries import move_query, raise_query
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.content import content_of
from visits.safety.reports import report_sae

pytestmark = pytest.mark.django_db


def page_of(subject: Subject, form: str) -> Page:
    return Page.objects.filter(subject=subject, form=form).order_by("ordinal")[0]


def log(people: People, subject: Subject, form: str, **values: Any) -> Page:
    entry = PageEntry(subject_id=subject.pk, form=form, values=values)
    return Page.objects.get(pk=save_pages([entry], by=people.li_na).pages[0].id)


def asked(people: People, subject: Subject) -> Query:
    return raise_query(page=page_of(subject, "IC"), items=[], text="Right?", by=people.wang_lei)


def answered(people: People, subject: Subject) -> None:
    move_query(query=asked(people, subject), move="answer", by=people.li_na, text="Yes")


def candidate(people: People, subject: Subject) -> None:
    query = asked(people, subject)
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    query.pk, query.state = None, Query.State.CANDIDATE
    with acting(by=people.chen_jing):
        query.save(force_insert=True)


def serious(people: People, subject: Subject) -> Page:
    return log(people, subject, "AE", ae_term="Fall", ae_serious="Y", ae_sae_crit=["LT"])


def broken(people: People, subject: Subject) -> None:
    enter(people, subject, "BCS", {}, not_done=True, not_done_reason="not asked")
    page, mine = record_of(subject, "BCS"), Proven(people.zhang_wei.user_id or "")
    declare(by=people.zhang_wei, proven=mine)
    assert sign(seen={page.id: content_of(page)}, by=people.zhang_wei, proven=mine).made
    enter(people, subject, "BCS", {}, page_id=page.id, not_done=True, not_done_reason="not there")


def stale(people: People, subject: Subject) -> None:
    enter(people, subject, "DM", {"age": 70})
    ask_for_all(people)
    verify(people, subject, "DM", "age")
    enter(people, subject, "DM", {"age": 71}, page_id=record_of(subject, "DM").id)


def to_verify(people: People, subject: Subject) -> None:
    enter(people, subject, "DM", {"age": 70})
    ask_for_all(people)


def exam(people: People, subject: Subject, reader: str, day: date) -> None:
    values = {"dus_reader": reader, "dus_date": day, "dus_adequate": "Y"}
    enter(people, subject, "DUS", values, visit="M6")


def unread(people: People, subject: Subject) -> None:
    exam(people, subject, "SITE", date(2026, 10, 1))
    exam(people, subject, "CORE", date(2026, 10, 2))


@pytest.mark.urs("LCK-02")
@pytest.mark.parametrize("form", READ)
def test_a_form_that_the_core_laboratory_reads_waits_before_its_first_reading(
    people: People, subject: Subject, form: str
) -> None:
    """The study says which exams are read: a file that nobody has loaded yet must not pass the gate."""

    def outstanding() -> int:
        found = rehearse(by=people.chen_jing).counts
        return next(count.number for count in found if count.kind.code == "UNREAD")

    day, _lesion, reader, readable = READ[form]
    values = {reader: "SITE", day: date(2026, 10, 1), readable: "Y"}
    enter(people, subject, form, values, visit="M6")
    assert outstanding() == 0
    configure_study(by=people.chen_jing, facts={"config": {f"core_reads_{form.lower()}": True}})
    assert outstanding() == 1
    enter(people, subject, form, {**values, reader: "CORE"}, visit="M6")
    assert outstanding() == 0


def unlocked(people: People, subject: Subject) -> None:
    lock = locking.lock(level="subject", subject=subject, by=people.chen_jing, reason="x", interim=True)
    unlock = unlocking.ask_to_unlock(
        lock=lock, level="page", page=page_of(subject, "IC"), by=people.chen_jing, reason="x", days=1
    )
    unlocking.decide(
        unlock=unlock, move="grant", by=people.sun_qing, proven=Proven(people.sun_qing.user_id or "")
    )


MAKE: dict[str, Callable[[People, Subject], object]] = {
    "OPEN": asked,
    "INCOMPLETE": lambda people, subject: enter(people, subject, "DM", {"age": 70}),
    "DEVIATION": lambda people, subject: log(people, subject, "DV", dv_desc="Late"),
    "SAE": serious,
    "UNSIGNED": lambda people, subject: None,
    "BROKEN": broken,
    "ANSWERED": answered,
    "STALE": stale,
    "VERIFY": to_verify,
    "UNJUDGED": lambda people, subject: log(people, subject, "REV"),
    "UNREAD": unread,
    "UNCODED": lambda people, subject: log(people, subject, "CM", cm_name="Aspirin"),
    "CANDIDATE": candidate,
    "UNLOCKED": unlocked,
}


@pytest.fixture
def subject(people: People) -> Subject:
    return screened(people)


@pytest.mark.urs("LCK-02")
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_blocker_refuses_the_lock_and_names_itself(
    people: People, subject: Subject, kind: str
) -> None:
    MAKE[kind](people, subject)
    with pytest.raises(locking.Blocked) as refused:
        locking.lock(level="site", site=people.sites["07"], by=people.chen_jing, reason="Closed")
    counts = {count.kind.code: count.number for count in refused.value.counts}
    assert kind in counts


def blocked(subject: Subject, people: People) -> set[str]:
    try:
        locking.lock(level="subject", subject=subject, by=people.chen_jing, reason="Closed")
    except locking.Blocked as refused:
        return {count.kind.code for count in refused.counts}
    return set()


@pytest.mark.urs("LCK-02")
def test_a_reading_is_there_once_the_laboratory_has_read_that_exam(people: People, subject: Subject) -> None:
    exam(people, subject, "SITE", date(2026, 10, 1))
    assert "UNREAD" not in blocked(subject, people), "no laboratory reads these exams"
    exam(people, subject, "CORE", date(2026, 10, 2))
    assert "UNREAD" in blocked(subject, people)
    exam(people, subject, "CORE", date(2026, 10, 1))
    assert "UNREAD" not in blocked(subject, people)


@pytest.mark.urs("LCK-02")
def test_an_event_is_reported_as_it_stands_or_stands_in_the_way(people: People, subject: Subject) -> None:
    page = serious(people, subject)
    report_sae(page=page, kind="INITIAL", by=people.li_na)
    assert "SAE" not in blocked(subject, people)
    enter(people, subject, "AE", {"ae_term": "Fall at home"}, page_id=page.pk, visit=None)
    assert "SAE" in blocked(subject, people)


# --- reminders --------------------------------------------------------------------------------------------


def run(kind: str) -> int:
    """Do the jobs that were asked for; return how many mails they sent."""
    before = len(mail.outbox)
    for job in Job.objects.filter(kind=kind):
        remind_blockers(Progress(by=FIRST, job=job.pk), **job.args)
    return len(mail.outbox) - before


@pytest.mark.urs("PRI-07")
def test_the_owners_of_blockers_are_reminded_by_mail_of_their_own_sites(
    people: People, subject: Subject
) -> None:
    with acting(by=FIRST):
        for user in User.objects.all():
            user.email = f"{user.username}@example.org"
            user.save(update_fields=["email"])
    asked(people, subject)
    screened(people, "02")
    client = people.client("chen_jing")
    assert "Remind" in client.get("/locks/").content.decode()
    assert client.post("/locks/remind/", {"owner": "coordinators"}).status_code == 302
    client.post("/locks/remind/", {"owner": "coordinators"})
    assert run("remind_blockers") == Job.objects.filter(kind="remind_blockers").count() > 0
    mails = {message.to[0].partition("@")[0]: message for message in mail.outbox}
    assert "Queries to answer: 1" in mails["li_na"].body
    assert mails.keys() >= {"li_na", "ma_lin"}
    assert all("Queries to answer" not in one.body for who, one in mails.items() if who != "li_na")
    assert not any("DEFIER-" in one.body or "Right?" in one.body for one in mails.values())
    assert Entry.objects.filter(op="E", table_name="blockers_reminded").exists()
    assert client.post("/locks/remind/", {"owner": "nobody"}).status_code == 404
    assert people.client("sun_qing").post("/locks/remind/", {"owner": "coordinators"}).status_code == 403


def test_who_has_nothing_to_clear_gets_no_mail(people: People, subject: Subject) -> None:
    for owner in OWNERS:
        if owner in ("laboratory", "committee"):
            assert reminding.remind(owner=owner, by=people.chen_jing) == 0
    assert not Job.objects.filter(kind="remind_blockers").exists()
