"""Freeze, lock and unlock at every level: the guard, the triggers, two people, the expiry, the diff."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit import clock
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry, Job
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import PASSWORD, People, give_password
from tests.visits.test_locking import TYPO, demographics
from visits.capture.entry import Frozen, Locked, PageEntry
from visits.capture.save import save_pages
from visits.dossier import load
from visits.models import Lock, Page, Query, Visit
from visits.review import blockers, finality, guard, locking, unlocking
from visits.review.guard import Act, State
from visits.review.queries import move_query, raise_query
from visits.review.records import LockProposal, LockSignature, Unlock
from visits.review.signing.acts import Proven

LEVELS = ("item", "page", "visit", "subject", "site", "study")


@pytest.fixture
def subject(people: People) -> Subject:
    """A subject whose demographics say 70."""
    made = screened(people)
    save_pages([demographics(made, 70)], by=people.li_na)
    return made


def what(level: str, subject: Subject, people: People) -> dict[str, Any]:
    page = Page.objects.get(form="DM", subject=subject)
    found: dict[str, dict[str, Any]] = {
        "item": {"level": "item", "page": page, "item": "age"},
        "page": {"level": "page", "page": page},
        "visit": {"level": "visit", "visit": Visit.objects.get(subject=subject, code="SCR")},
        "subject": {"level": "subject", "subject": subject},
        "site": {"level": "site", "site": people.sites["07"]},
        "study": {"level": "study"},
    }
    return found[level]


def change(subject: Subject, by: Actor, **values: Any) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    entry = PageEntry(subject_id=subject.pk, form="DM", visit="SCR", page_id=page.pk, values=values)
    save_pages([entry], by=by, reason=TYPO)


def raw(statement: str, values: list[Any], by: Actor) -> str:
    """Run raw SQL as a declared person; return the SQLSTATE of its refusal, nothing where it went through."""
    try:
        with acting(by=by, reason=TYPO), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", ""))
    return ""


def mine(by: Actor) -> Proven:
    """Return the proof of somebody who has just given their password."""
    return Proven(by.user_id or "")


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("level", LEVELS)
def test_frozen_means_no_change_but_of_items_with_an_open_query(
    people: People,
    subject: Subject,
    level: str,
) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    frozen = locking.freeze(**what(level, subject, people), by=people.chen_jing, reason="Reviewed")
    with pytest.raises(Frozen):
        change(subject, people.li_na, age=71)
    assert raw("UPDATE crf_dm SET age = 71 WHERE page_id = %s", [page.pk], people.li_na) == "P0E09"
    query = raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    change(subject, people.li_na, age=72)
    move_query(query=query, move="answer", by=people.li_na, text="Corrected")
    move_query(query=query, move="close", by=people.wang_lei, reason="corrected")
    assert raw("UPDATE crf_dm SET age = 73 WHERE page_id = %s", [page.pk], people.li_na) == "P0E09"
    if level == "item":
        change(subject, people.li_na, sex="F")
    else:
        with pytest.raises(Frozen):
            change(subject, people.li_na, sex="F")
    locking.unfreeze(frozen=frozen, by=people.chen_jing, reason="More to enter")
    change(subject, people.li_na, age=74)


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("level", LEVELS)
def test_locked_means_nothing_and_the_guard_says_what_the_trigger_does(
    people: People,
    subject: Subject,
    level: str,
) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    query = raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    locking.lock(**what(level, subject, people), by=people.chen_jing, reason="Cut", interim=True)
    standing = guard.over(subject.pk)
    assert standing.state(page=page.pk, item="age") is State.LOCKED
    assert not any(standing.may(act, page=page.pk, item="age") for act in Act)
    with pytest.raises(Locked):
        change(subject, people.li_na, age=71)
    with pytest.raises(Locked):
        move_query(query=query, move="answer", by=people.li_na, text="Yes")
    for statement in (
        "UPDATE crf_dm SET age = 71 WHERE page_id = %s",
        'UPDATE crf_dm SET missing = \'{"age": "ND"}\', age = NULL WHERE page_id = %s',
        "UPDATE visits_query SET state = 'CLOSED' WHERE page_id = %s",
        "DELETE FROM crf_dm WHERE page_id = %s",
    ):
        assert raw(statement, [page.pk], people.li_na) == "P0E05", statement
    assert standing.may(Act.CHANGE, page=page.pk, item="sex") is (level == "item")
    if level == "item":
        change(subject, people.li_na, sex="F")
    new = Act.ADD, Act.CHANGE
    assert standing.may(new[0]) is (level in ("item", "page", "visit"))


@pytest.mark.urs("LCK-02")
def test_a_lock_is_refused_while_work_is_left_open_and_names_it(people: People, subject: Subject) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    with pytest.raises(locking.Blocked) as refused:
        locking.lock(level="page", page=page, by=people.chen_jing, reason="Done")
    assert {count.kind.code for count in refused.value.counts} >= {"OPEN", "INCOMPLETE", "UNSIGNED"}
    with pytest.raises(locking.Blocked):
        finality.propose_lock(by=people.chen_jing, reason="Database closed", proven=mine(people.chen_jing))
    client = people.client("chen_jing")
    answer = client.post(
        "/locks/", {"level": "subject", "subject": subject.pk, "page": page.pk, "reason": "x"}
    )
    assert answer.status_code == 409
    assert "Queries to answer" in answer.content.decode()
    assert not Lock.objects.exists()


@pytest.mark.urs("LCK-02")
@pytest.mark.fault(23)
def test_the_final_lock_takes_two_people(
    people: People,
    subject: Subject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(locking.NeedsAnother):
        locking.lock(level="study", by=people.chen_jing, reason="Database closed")
    for module in (finality, locking):
        monkeypatch.setattr(module, "in_the_way", lambda *_given: [])
    proposal = finality.propose_lock(
        by=people.chen_jing, reason="Database closed", proven=mine(people.chen_jing)
    )
    for by, proof in (
        (people.chen_jing, mine(people.chen_jing)),
        (people.wang_lei, mine(people.wang_lei)),
        (people.sun_qing, mine(people.chen_jing)),
        (people.sun_qing, None),
    ):
        with pytest.raises(PermissionDenied):
            finality.decide(proposal=proposal, move="confirm", by=by, proven=proof)
    assert not Lock.objects.exists()
    with pytest.raises(IntegrityError), acting(by=people.chen_jing), transaction.atomic():
        LockProposal.objects.filter(pk=proposal.pk).update(state="CONFIRMED", decided_by_id=proposal.by_id)
    with pytest.raises(IntegrityError), acting(by=people.chen_jing), transaction.atomic():
        Lock.objects.create(level="study", reason="alone", by_id=proposal.by_id, by_name="Chen Jing")
    give_password(people.users["sun_qing"])
    client = people.client("sun_qing")
    client.post(f"/locks/final/{proposal.pk}/", {"move": "confirm", "password": "wrong"})
    assert not Lock.objects.exists()
    client.post(f"/locks/final/{proposal.pk}/", {"move": "confirm", "password": "only-for-tests-2026"})
    made = Lock.objects.get()
    assert (made.level, made.interim, made.by_name, made.confirmed_by) == (
        *("study", False, "Chen Jing", "Sun Qing"),
    )
    assert Job.objects.filter(key=f"snapshot:{made.pk}").exists()
    signed = finality.signatures_of(made)
    assert [(one.meaning, one.by_name, one.method) for one in signed] == [
        ("PROPOSED", "Chen Jing", "PASSWORD"),
        ("CONFIRMED", "Sun Qing", "PASSWORD"),
    ]
    assert {(one.content, one.pages) for one in signed} == {finality.content_of_study()}
    with pytest.raises(DatabaseError), acting(by=people.chen_jing), transaction.atomic():
        LockSignature.objects.update(content="0" * 64)
    shown = client.get(f"/locks/{made.pk}/").content.decode()
    assert "I confirm that the data are complete" in shown
    assert "changed since" not in shown
    with pytest.raises(finality.Decided):
        finality.decide(proposal=proposal, move="withdraw", by=people.chen_jing)


@pytest.mark.urs("LCK-02", "SIG-06")
def test_both_sign_the_same_data_or_nothing_is_locked(
    people: People, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (finality, locking):
        monkeypatch.setattr(module, "in_the_way", lambda *_given: [])
    proposal = finality.propose_lock(by=people.chen_jing, reason="Closed", proven=mine(people.chen_jing))
    change(subject, people.li_na, age=71)
    with pytest.raises(finality.Moved):
        finality.decide(proposal=proposal, move="confirm", by=people.sun_qing, proven=mine(people.sun_qing))
    proposal.refresh_from_db()
    assert (proposal.state, Lock.objects.exists()) == ("PROPOSED", False)
    finality.decide(proposal=proposal, move="withdraw", by=people.chen_jing)
    again = finality.propose_lock(by=people.chen_jing, reason="Closed", proven=mine(people.chen_jing))
    finality.decide(proposal=again, move="confirm", by=people.sun_qing, proven=mine(people.sun_qing))
    assert Lock.objects.get().proposals.get() == again


@pytest.mark.urs("LCK-03")
def test_an_unlock_opens_the_smallest_part_for_a_time_and_tells_what_changed(
    people: People,
    subject: Subject,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    other = screened(people)
    lock = locking.lock(level="study", by=people.chen_jing, reason="Cut", interim=True)
    asked: dict[str, Any] = {
        "lock": lock,
        "level": "item",
        "page": page,
        "item": "age",
        "by": people.chen_jing,
    }
    for reason, days in ((" ", 1), ("Wrong age", 365)):
        with pytest.raises(ValueError, match="unlock"):
            unlocking.ask_to_unlock(**asked, reason=reason, days=days)
    with pytest.raises(ValueError):
        unlocking.ask_to_unlock(lock=lock, level="study", by=people.chen_jing, reason="All", days=1)
    unlock = unlocking.ask_to_unlock(**asked, reason="Wrong age", days=1)
    with pytest.raises(PermissionDenied):
        unlocking.decide(unlock=unlock, move="grant", by=people.chen_jing, proven=mine(people.chen_jing))
    for unproven in (None, mine(people.chen_jing)):
        with pytest.raises(PermissionDenied):
            unlocking.decide(unlock=unlock, move="grant", by=people.sun_qing, proven=unproven)
    with pytest.raises(Locked):
        change(subject, people.li_na, age=71)
    unlocking.decide(unlock=unlock, move="grant", by=people.sun_qing, proven=mine(people.sun_qing))
    with pytest.raises(Locked):
        change(subject, people.li_na, age=71, sex="F")
    with pytest.raises(Locked):
        change(other, people.li_na, age=60) if Page.objects.filter(subject=other, form="DM") else save_pages(
            [demographics(other, 60)], by=people.li_na
        )
    change(subject, people.li_na, age=71)
    assert [(one.old, one.new, one.by) for one in unlocking.told(Unlock.objects.get())] == [
        ("70", "71", "Li Na")
    ]
    with acting(by=people.chen_jing):
        Unlock.objects.update(until=clock.now() - timedelta(seconds=1))
    with pytest.raises(Locked):
        change(subject, people.li_na, age=72)
    assert raw("UPDATE crf_dm SET age = 72 WHERE page_id = %s", [page.pk], people.li_na) == "P0E05"
    assert unlocking.relock_expired(by=Actor.system("relocking")) == {"relocked": 1}
    assert unlocking.relock_expired(by=Actor.system("relocking")) == {"relocked": 0}
    ended = Unlock.objects.get()
    assert (ended.state, [(one["item"], one["old"], one["new"]) for one in ended.changes]) == (
        *("RELOCKED", [("age", "70", "71")]),
    )
    anew = Lock.objects.get(released_at=None)
    assert anew.pk != lock.pk
    assert Job.objects.filter(key=f"snapshot:{anew.pk}").exists()
    shown = people.client("sun_qing").get(f"/locks/unlocks/{ended.pk}/").content.decode()
    assert "<b>71</b>" in shown
    with pytest.raises(Locked):
        change(subject, people.li_na, age=73)


def test_the_lock_pages_show_and_do_all_of_it(people: People, subject: Subject) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    give_password(people.users["sun_qing"])
    manager, second = people.client("chen_jing"), people.client("sun_qing")
    sent = {
        "level": "subject",
        "subject": subject.pk,
        "page": page.pk,
        "reason": "Reviewed",
        "kind": "frozen",
    }
    assert manager.post("/locks/", sent).status_code == 302
    frozen = Lock.objects.get()
    read = people.client("li_na").get(f"/subjects/{subject.pk}/SCR/DM/")
    assert read.status_code == 200
    assert 'name="p-age"' not in read.content.decode()
    raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    asked = people.client("li_na").get(f"/subjects/{subject.pk}/SCR/DM/").content.decode()
    assert 'name="p-age"' in asked
    assert 'name="p-sex"' not in asked
    saved = people.client("li_na").post(
        f"/subjects/{subject.pk}/SCR/DM/", {"p-revision": "1", "p-age": "71", "reason": "TYPO"}
    )
    assert saved.status_code in (200, 302)
    record = load(subject).one("DM")
    assert record is not None
    assert (record.values["age"], record.values["sex"]) == (71, "M")
    assert manager.get(f"/locks/{frozen.pk}/").status_code == 200
    manager.post(f"/locks/{frozen.pk}/", {"reason": "More to enter"})
    assert Lock.objects.get().released_at is not None
    manager.post(
        "/locks/", {"level": "site", "site": "07", "reason": "Cut", "interim": "1", "kind": "locked"}
    )
    lock = Lock.objects.get(released_at=None)
    assert manager.get(f"/locks/{lock.pk}/?subject={subject.usubjid}").status_code == 200
    wanted = {"subject": subject.pk, "page": page.pk, "days": "3", "reason": "Wrong age"}
    assert manager.post(f"/locks/{lock.pk}/", wanted).status_code == 302
    unlock = Unlock.objects.get()
    assert manager.post(f"/locks/unlocks/{unlock.pk}/", {"move": "grant"}).status_code == 403
    granting = {"move": "grant", "password": PASSWORD}
    for wrong in ({"move": "grant"}, {**granting, "password": "somebody-else-1"}):
        shown = second.post(f"/locks/unlocks/{unlock.pk}/", wrong, follow=True).content.decode()
        assert "Nothing was signed." in shown and 'name="password"' in shown
        unlock.refresh_from_db()
        assert unlock.state == "ASKED"
    second.post(f"/locks/unlocks/{unlock.pk}/", granting)
    unlock.refresh_from_db()
    assert unlock.state == "GRANTED"
    shown = manager.get("/locks/").content.decode()
    assert "Unlocked, to be locked again" in shown
    assert manager.get("/locks/blockers/?what=UNLOCKED").status_code == 200
    manager.post(f"/locks/unlocks/{unlock.pk}/", {"move": "relock"})
    unlock.refresh_from_db()
    assert unlock.state == "RELOCKED"
    manager.post(f"/locks/{lock.pk}/", {"act": "lift", "reason": "Cut is made"})
    proposal = LockProposal.objects.get()
    assert manager.post(f"/locks/final/{proposal.pk}/", {"move": "confirm"}).status_code == 403


# What users of other systems complain about (peers.md §2.5): one test each, or where it is one.


def test_ask_36_a_whole_record_and_an_empty_form_can_be_locked(people: People, subject: Subject) -> None:
    made = screened(people)
    locking.lock(
        level="visit", visit=Visit.objects.get(subject=made), by=people.chen_jing, reason="x", interim=True
    )
    with pytest.raises(Locked):
        save_pages([demographics(made, 60)], by=people.li_na)


def test_ask_37_what_becomes_required_later_does_not_open_or_move_a_locked_page(
    people: People,
    subject: Subject,
) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    locking.lock(level="page", page=page, by=people.chen_jing, reason="x", interim=True)
    before = Page.objects.values("unanswered", "revision").get(pk=page.pk)
    save_pages(
        [PageEntry(subject_id=subject.pk, form="LH", visit="SCR", values={"target_limb": "L"})],
        by=people.li_na,
    )
    assert Page.objects.values("unanswered", "revision").get(pk=page.pk) == before


def test_ask_38_locking_and_unlocking_stand_in_the_trail(people: People, subject: Subject) -> None:
    frozen = locking.freeze(level="subject", subject=subject, by=people.chen_jing, reason="Reviewed")
    locking.unfreeze(frozen=frozen, by=people.chen_jing, reason="More to enter")
    told = Entry.objects.filter(table_name="visits_lock").order_by("n").values_list("op", "reason_text")
    assert list(told) == [("I", "Reviewed"), ("U", "More to enter")]


def test_ask_39_a_removed_row_under_a_lock_can_be_unlocked(people: People, subject: Subject) -> None:
    entry = PageEntry(subject_id=subject.pk, form="MH", visit="SCR", values={})
    row = save_pages([entry], by=people.li_na).pages[0]
    gone = PageEntry(subject_id=subject.pk, form="MH", visit="SCR", page_id=row.id, removed=True)
    save_pages([gone], by=people.li_na, reason=TYPO)
    page = Page.objects.get(pk=row.id)
    lock = locking.lock(level="page", page=page, by=people.chen_jing, reason="x", interim=True)
    unlock = unlocking.ask_to_unlock(
        lock=lock, level="page", page=page, by=people.chen_jing, reason="It did happen", days=1
    )
    unlocking.decide(unlock=unlock, move="grant", by=people.sun_qing, proven=mine(people.sun_qing))
    back = PageEntry(subject_id=subject.pk, form="MH", visit="SCR", page_id=row.id, removed=False)
    save_pages([back], by=people.li_na, reason=TYPO)
    assert not Page.objects.get(pk=row.id).removed


def test_ask_40_no_way_round_by_the_queries_page_a_job_or_a_draft(people: People, subject: Subject) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    query = raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    locking.lock(level="subject", subject=subject, by=people.chen_jing, reason="x", interim=True)
    li_na = people.client("li_na")
    assert li_na.post(f"/queries/{query.pk}/", {"move": "answer", "text": "Yes"}).status_code == 409
    opened = li_na.get(f"/subjects/{subject.pk}/SCR/DM/?query={query.pk}").content.decode()
    assert 'name="p-age"' not in opened
    monitor = people.client("wang_lei")
    asked = {"page": page.pk, "items": "sex", "text": "And this?"}
    assert monitor.post(f"/subjects/{subject.pk}/query/", asked).status_code == 409
    assert Query.objects.get().state == "OPEN"


def test_ask_42_a_freeze_is_ended_with_a_reason(people: People, subject: Subject) -> None:
    frozen = locking.freeze(level="subject", subject=subject, by=people.chen_jing, reason="Reviewed")
    with pytest.raises(ValueError, match="reason"):
        locking.unfreeze(frozen=frozen, by=people.chen_jing, reason=" ")
    locking.unfreeze(frozen=frozen, by=people.chen_jing, reason="More to enter")
    change(subject, people.li_na, age=71)


def test_ask_43_every_level_can_be_locked() -> None:
    """Item, page, visit, subject, site, study: each is tried above, frozen and locked."""
    assert set(LEVELS) == set(Lock.Level.values)


def test_the_rehearsal_changes_nothing_and_counts_by_owner(people: People, subject: Subject) -> None:
    before = Entry.objects.count()
    found = blockers.rehearse(by=people.chen_jing)
    assert Entry.objects.count() == before
    assert [owner.words.en for owner, _counts in found.by_owner] == [
        *("Site coordinators", "Investigators", "Monitors", "Committee (CEC)"),
        *("Core laboratory", "Data manager"),
    ]
