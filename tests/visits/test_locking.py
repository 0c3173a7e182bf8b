"""Locks: nothing under one is written, whichever way it comes; a save and a lock have one winner."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, connections, transaction

from audit.context import Reason, acting
from audit.models import Entry, Job
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import FIRST, People, build_people
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.models import Lock, Page, Visit
from visits.review import locking
from visits.review.locking import AlreadyLocked, lock
from visits.review.queries import raise_query

TYPO = Reason("TYPO")


def demographics(subject: Subject, age: int) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": age, "sex": "M"})


@pytest.fixture
def subject(people: People) -> Subject:
    made = screened(people)
    save_pages([demographics(made, 70)], by=people.li_na)
    return made


def refused(statement: str, values: list[Any], people: People) -> bool:
    """Run raw SQL as the declared coordinator; say whether a lock refused it."""
    try:
        with acting(by=people.li_na, reason=TYPO), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        if not locking.refused_by_lock(error):
            raise
        return True
    return False


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("level", ["page", "subject", "study"])
def test_a_lock_refuses_every_way_of_writing(people: People, subject: Subject, level: str) -> None:
    page = Page.objects.get(form="DM")
    query = raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    targets: dict[str, dict[str, Any]] = {
        "page": {"page": page},
        "subject": {"subject": subject},
        "study": {},
    }
    lock(level=level, by=people.chen_jing, reason="Interim analysis", interim=True, **targets[level])
    with pytest.raises(Locked):
        save_pages(
            [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", page_id=page.pk, values={"age": 71})],
            by=people.li_na,
            reason=TYPO,
        )
    with pytest.raises(Locked):
        raise_query(page=page, items=["sex"], text="And this?", by=people.wang_lei)
    for statement, values in (
        ("UPDATE crf_dm SET age = 71 WHERE page_id = %s", [page.pk]),
        ("DELETE FROM crf_dm WHERE page_id = %s", [page.pk]),
        ("UPDATE visits_page SET removed = true WHERE id = %s", [page.pk]),
        ("UPDATE visits_query SET state = 'CLOSED' WHERE id = %s", [query.pk]),
    ):
        assert refused(statement, values, people), statement
    with connection.cursor() as cursor:
        cursor.execute("SELECT age FROM crf_dm WHERE page_id = %s", [page.pk])
        assert cursor.fetchone() == (70,)


@pytest.mark.urs("LCK-01")
def test_copy_into_a_locked_subject_is_refused(people: People, subject: Subject) -> None:
    lock(level="subject", subject=subject, by=people.chen_jing, reason="Interim analysis", interim=True)
    with (
        pytest.raises(psycopg.DatabaseError) as caught,
        acting(by=people.li_na),
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY visits_visit (id, site_id, subject_id, code, ordinal) FROM STDIN") as copy,
    ):
        copy.write_row([uuid.uuid4(), "07", subject.pk, "M1", 1])
    assert caught.value.sqlstate in (*locking.REFUSED, "0A000")  # under row-level security no COPY at all


@pytest.mark.urs("LCK-01")
def test_a_lock_reaches_no_further_than_its_level(people: People, subject: Subject) -> None:
    other = screened(people, "02")
    lock(
        level="page",
        page=Page.objects.get(form="DM"),
        by=people.chen_jing,
        reason="Interim analysis",
        interim=True,
    )
    save_pages(
        [PageEntry(subject_id=subject.pk, form="LH", visit="SCR", values={"target_limb": "L"})],
        by=people.li_na,
    )
    lock(level="subject", subject=subject, by=people.chen_jing, reason="Interim analysis", interim=True)
    with pytest.raises(Locked):
        save_pages([PageEntry(subject_id=subject.pk, form="MH", visit="SCR")], by=people.li_na)
    save_pages([demographics(other, 60)], by=people.ma_lin)
    lock(level="study", by=people.chen_jing, reason="Interim analysis", interim=True)
    with pytest.raises((Locked, DatabaseError)):
        screened(people, "02")
    assert Subject.objects.count() == 2


def test_a_row_cannot_be_moved_out_of_a_locked_page(people: People, subject: Subject) -> None:
    other = screened(people, "07")
    visit = Visit.objects.get(subject=other, code="SCR")
    lock(level="subject", subject=subject, by=people.chen_jing, reason="Interim analysis", interim=True)
    assert refused("UPDATE visits_visit SET subject_id = %s WHERE id = %s", [subject.pk, visit.pk], people)
    assert refused(
        "UPDATE visits_visit SET subject_id = %s WHERE subject_id = %s", [other.pk, subject.pk], people
    )


def test_locking_is_one_act_with_a_reason_and_asks_for_its_snapshot(people: People, subject: Subject) -> None:
    with pytest.raises(ValueError, match="reason"):
        lock(level="subject", subject=subject, by=people.chen_jing, reason="  ", interim=True)
    made = lock(
        level="subject", subject=subject, by=people.chen_jing, reason="Interim analysis", interim=True
    )
    assert (made.by_name, made.reason, made.site_id) == ("Chen Jing", "Interim analysis", "07")
    entry = Entry.objects.filter(table_name="visits_lock").latest("n")
    assert (entry.chain, entry.actor_role, entry.reason_text) == (
        f"subject:{subject.pk}",
        "DATA_MANAGER",
        "Interim analysis",
    )
    job = Job.objects.get(kind="build_snapshot")
    assert (job.key, job.args) == (f"snapshot:{made.pk}", {"lock": str(made.pk)})
    with pytest.raises(AlreadyLocked):
        lock(level="subject", subject=subject, by=people.chen_jing, reason="Again", interim=True)
    with pytest.raises(AlreadyLocked):
        lock(
            level="page", page=Page.objects.get(form="DM"), by=people.chen_jing, reason="Again", interim=True
        )


@pytest.mark.urs("ACL-07")
@pytest.mark.parametrize("name", ["li_na", "zhang_wei", "wang_lei", "sun_qing", "guo_tao", "zhao_min"])
def test_only_the_data_manager_locks(people: People, subject: Subject, name: str) -> None:
    with pytest.raises(PermissionDenied):
        lock(
            level="subject", subject=subject, by=people.actors[name], reason="Interim analysis", interim=True
        )
    assert not Lock.objects.exists()


@pytest.mark.urs("LCK-01")
def test_every_table_of_subjects_is_watched(db: None) -> None:
    """A clinical table added without lock_attach fails here; locks, documents, drafts, mails are no data."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND a.attname = 'subject_id' AND (c.relname LIKE 'visits%%'"
            " OR c.relname LIKE 'crf%%') AND NOT EXISTS (SELECT 1 FROM pg_trigger t"
            " WHERE t.tgrelid = c.oid AND t.tgname = 'refuse_locked' AND t.tgenabled = 'A')"
        )
        unwatched = {name for (name,) in cursor.fetchall()}
    typed_only = {"visits_autosave", "visits_draft", "visits_presence"}
    people_agree = {"visits_unlock", "visits_redaction"}  # what opens a lock, and what goes round it
    assert unwatched == {"visits_lock", "visits_document", "visits_safetynotice", *people_agree, *typed_only}


@pytest.mark.urs("LCK-04")
@pytest.mark.parametrize(("level", "rounds"), [("subject", 12), ("study", 1)])
@pytest.mark.fault(23)
def test_a_save_and_a_lock_have_one_winner(own_database: str, level: str, rounds: int) -> None:
    """Whoever comes first: a value that is there was saved before the lock, none after it."""
    people = build_people()
    for subject in [screened(people) for _ in range(rounds)]:
        together = threading.Barrier(3)
        with ThreadPoolExecutor(2) as pool:
            saved = pool.submit(saves, subject, people, together)
            inserted = pool.submit(inserts, subject, together)
            together.wait()
            lock(
                level=level,
                subject=subject if level == "subject" else None,
                by=people.chen_jing,
                reason="Interim analysis",
                interim=True,
            )
            after = subject_rows(subject)
        assert subject_rows(subject) == after, "something was written after the lock had committed"
        assert saved.result() is (("DM", 1) in after)
        assert inserted.result() is (("M24", 1) in after)


def saves(subject: Subject, people: People, together: threading.Barrier) -> bool:
    """Save a page; say whether a lock let it."""
    together.wait()
    try:
        save_pages([demographics(subject, 70)], by=people.li_na)
    except Locked:
        return False
    finally:
        connections.close_all()
    return True


def inserts(subject: Subject, together: threading.Barrier) -> bool:
    """Write a visit by a way that does not lock the subject first; say whether a lock let it."""
    together.wait()
    try:
        with acting(by=FIRST):
            Visit.objects.create(site_id="07", subject=subject, code="M24")
    except DatabaseError as error:
        if not locking.refused_by_lock(error):
            raise
        return False
    finally:
        connections.close_all()
    return True


def subject_rows(subject: Subject) -> list[tuple[str, int]]:
    """Name the pages and visits of a subject."""
    pages = Page.objects.filter(subject=subject).values_list("form", "revision")
    return sorted([*pages, *Visit.objects.filter(subject=subject).values_list("code", "ordinal")])
