"""What befalls a mark: every cell of the impact matrix (peers.md §3e), and moves and their permissions."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from audit.context import Reason, acting
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import NAMED, People
from tests.visits.sdv.marks import ask_for_all, enter, looked_at, record_of, state, under_plan, verify
from visits.arranging import moving
from visits.crfs import FORMS
from visits.models import Lock, Page
from visits.review import locking
from visits.review.queries import move_query, raise_query
from visits.review.sdv import plan as plans
from visits.review.sdv.plan import Rule
from visits.review.sdv.records import Verification
from visits.review.sdv.states import MOVES, State
from visits.review.sdv.verifying import (
    ChangedMeanwhile,
    NotPossible,
    UnderLock,
    verify_items,
    verify_page,
    withdraw,
)

pytestmark = pytest.mark.django_db
DM = {"birth_ym": "1955-04", "age": 70, "sex": "F", "childbearing": "CBP", "pregnancy_test": "NEG"}


@pytest.fixture
def subject(people: People) -> Subject:
    return under_plan(people, DM)


def page_of(subject: Subject, form: str = "DM", ordinal: int = 1) -> Page:
    return Page.objects.select_related("subject").get(subject=subject, form=form, ordinal=ordinal)


def states(subject: Subject, *items: str) -> list[State]:
    return [state(subject, "DM", item) for item in items]


# --- the column "SDV of that field" and "SDV of other fields", row by row ---


@pytest.mark.urs("SRC-02")
def test_value_changed(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age", "sex")
    enter(people, subject, "DM", {"age": 71})
    assert states(subject, "age", "sex") == [State.STALE, State.VERIFIED]
    enter(people, subject, "DM", {"age": 70})
    assert states(subject, "age", "sex") == [State.VERIFIED, State.VERIFIED]


def test_value_changed_by_raw_sql(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age", "sex")
    with acting(by=people.chen_jing, reason=Reason("TYPO")), connection.cursor() as cursor:
        cursor.execute("UPDATE crf_dm SET age = 72 WHERE subject_id = %s", [subject.pk])
    assert states(subject, "age", "sex") == [State.STALE, State.VERIFIED]


def test_missing_reason_set(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age")
    assert state(subject, "DM", "height_cm") == State.NOT_REQUIRED
    enter(people, subject, "DM", {}, missing={"height_cm": "ND"})
    assert states(subject, "height_cm", "age") == [State.PENDING, State.VERIFIED]
    verify(people, subject, "DM", "height_cm")
    assert state(subject, "DM", "height_cm") == State.VERIFIED
    enter(people, subject, "DM", {}, missing={"height_cm": "UNK"})
    assert states(subject, "height_cm", "age") == [State.STALE, State.VERIFIED]


def test_query_asked_and_answered(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age", "sex")
    query = raise_query(page=page_of(subject), items=["age"], text="Is it so?", by=people.wang_lei)
    move_query(query=query, move="answer", by=people.li_na, text="Yes.")
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    assert states(subject, "age", "sex") == [State.VERIFIED, State.VERIFIED]


def test_field_hidden(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age", "sex", "pregnancy_test")
    enter(people, subject, "DM", {"childbearing": "NCBP"}, clear_hidden=True)
    assert record_of(subject, "DM").values.get("pregnancy_test") is None
    assert states(subject, "pregnancy_test", "age") == [State.NOT_REQUIRED, State.VERIFIED]
    assert Verification.objects.get(item="pregnancy_test").ended_as == "VOID"
    enter(people, subject, "DM", {"childbearing": "CBP", "pregnancy_test": "NEG"})
    assert state(subject, "DM", "pregnancy_test") == State.PENDING


def test_value_cleared_by_hand_is_no_hidden_one(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age", "sex")
    enter(people, subject, "DM", {"age": None})
    assert states(subject, "age", "sex") == [State.STALE, State.VERIFIED]


def test_row_removed_and_restored(people: People, subject: Subject) -> None:
    enter(people, subject, "PS", {"ps_type": "BMS"})
    enter(people, subject, "PS", {"ps_type": "DES"})
    verify(people, subject, "PS", "ps_type", ordinal=1)
    verify(people, subject, "PS", "ps_type", ordinal=2)
    enter(people, subject, "PS", {}, page_id=page_of(subject, "PS").pk, removed=True)
    assert state(subject, "PS", "ps_type", 1) == State.NOT_REQUIRED
    assert state(subject, "PS", "ps_type", 2) == State.VERIFIED
    with pytest.raises(NotPossible):
        verify(people, subject, "PS", "ps_type", ordinal=1)
    enter(people, subject, "PS", {}, page_id=page_of(subject, "PS").pk, removed=False)
    assert state(subject, "PS", "ps_type", 1) == State.VERIFIED


def test_page_moved_to_another_subject(people: People, subject: Subject) -> None:
    """What agreed with one subject's source says nothing of another's."""
    verify(people, subject, "DM", "age")
    other = screened(people)
    moving.move_page(
        page=page_of(subject), to_subject=other, to_visit="SCR", by=people.chen_jing, reason="Wrong subject."
    )
    assert state(other, "DM", "age") == State.PENDING
    assert Verification.objects.get().ended_as == "VOID"


def test_label_amended(people: People, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    verify(people, subject, "DM", "age", "sex")
    reworded = FORMS["DM"].items()["age"]._with({"label": FORMS["DM"].items()["sex"].label})
    monkeypatch.setitem(FORMS["DM"].items(), "age", reworded)
    assert states(subject, "age", "sex") == [State.VERIFIED, State.VERIFIED]


def test_field_added(people: People, subject: Subject) -> None:
    """An item that the page did not have yet waits where the plan asks for it, once it is answered."""
    ask_for_all(people, Rule(critical_only=True), critical={"dm.height_cm": ["endpoint"]})
    verify(people, subject, "DM", "age")
    assert states(subject, "height_cm", "weight_kg") == [State.NOT_REQUIRED, State.NOT_REQUIRED]
    enter(people, subject, "DM", {}, missing={"height_cm": "ND", "weight_kg": "ND"})
    assert states(subject, "height_cm", "weight_kg") == [State.PENDING, State.NOT_REQUIRED]
    assert state(subject, "DM", "age") == State.VERIFIED


def test_rule_version_changed(people: People, subject: Subject) -> None:
    """A new plan keeps every mark, also of what it no longer asks for (Viedoc's one-way switch, ask 33)."""
    verify(people, subject, "DM", "age", "sex")
    ask_for_all(people, Rule(form="FU"))
    assert states(subject, "age", "sex", "birth_ym") == [State.VERIFIED, State.VERIFIED, State.NOT_REQUIRED]
    ask_for_all(people)
    assert states(subject, "age", "birth_ym") == [State.VERIFIED, State.PENDING]


# --- moves ---


def test_the_table_of_moves() -> None:
    assert {(before.value, name) for name, move in MOVES.items() for before in move.before} == {
        ("NOT_REQUIRED", "verify"),
        ("PENDING", "verify"),
        ("STALE", "verify"),
        ("VERIFIED", "withdraw"),
        ("STALE", "withdraw"),
    }


@pytest.mark.urs("ACL-07")
@pytest.mark.parametrize("name", sorted(set(NAMED) - {"wang_lei"}))
def test_only_a_monitor_verifies(people: People, subject: Subject, name: str) -> None:
    seen = looked_at(record_of(subject, "DM"), ["age"])
    with pytest.raises(PermissionDenied):
        verify_items(page=page_of(subject), seen=seen, by=people.actors[name])
    verify(people, subject, "DM", "age")
    with pytest.raises(PermissionDenied):
        withdraw(verification=Verification.objects.get(), reason="x", by=people.actors[name])


@pytest.mark.urs("ACL-07")
def test_nobody_verifies_own_entries(people: People, subject: Subject) -> None:
    """Li Na has become a monitor: what she entered before is for somebody else."""
    from dataclasses import replace

    li_na = replace(people.wang_lei, user_id=people.li_na.user_id, name="Li Na")
    seen = looked_at(record_of(subject, "DM"), ["age"])
    with pytest.raises(PermissionDenied):
        verify_items(page=page_of(subject), seen=seen, by=li_na)
    assert not Verification.objects.exists()
    assert verify(people, subject, "DM", "age") == 1


def test_a_monitor_of_one_site_verifies_there_alone(people: People, subject: Subject) -> None:
    from dataclasses import replace

    seen = looked_at(record_of(subject, "DM"), ["age"])
    with pytest.raises(PermissionDenied):
        verify_items(page=page_of(subject), seen=seen, by=replace(people.wang_lei, site="02"))
    assert verify_items(page=page_of(subject), seen=seen, by=replace(people.wang_lei, site="07")) == 1


def test_verifying_again_changes_nothing(people: People, subject: Subject) -> None:
    assert verify(people, subject, "DM", "age") == 1
    assert verify(people, subject, "DM", "age") == 0
    enter(people, subject, "DM", {"age": 71})
    assert verify(people, subject, "DM", "age") == 1
    assert list(Verification.objects.order_by("at").values_list("ended_as", flat=True)) == ["AGAIN", ""]


def test_all_that_is_listed_or_none(people: People, subject: Subject) -> None:
    record = record_of(subject, "DM")
    seen = looked_at(record, ["age", "sex"])
    for wrong in (
        {**seen, "sex": "0" * 16},
        {**seen, "height_cm": looked_at(record, ["height_cm"])["height_cm"]},
    ):
        with pytest.raises((ChangedMeanwhile, NotPossible)):
            verify_items(page=page_of(subject), seen=wrong, by=people.wang_lei)
    with pytest.raises(ValueError):
        verify_items(page=page_of(subject), seen={}, by=people.wang_lei)
    with pytest.raises(ValueError):
        verify_items(page=page_of(subject), seen={"no_such_item": "x"}, by=people.wang_lei)
    with pytest.raises(ValueError):
        verify_page(subject=subject, seen={uuid.uuid4(): seen}, by=people.wang_lei)
    assert not Verification.objects.exists()


@pytest.mark.urs("LCK-01")
def test_a_lock_stops_verification(people: People, subject: Subject) -> None:
    page = page_of(subject)
    verify(people, subject, "DM", "sex")
    locking.lock(level=Lock.Level.PAGE, page=page, by=people.chen_jing, reason="x", interim=True)
    with pytest.raises(UnderLock):
        verify(people, subject, "DM", "age")
    with pytest.raises(UnderLock):
        withdraw(verification=Verification.objects.get(), reason="x", by=people.wang_lei)


@pytest.mark.urs("LCK-01")
def test_a_lock_stops_raw_sql_too(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "sex")
    locking.lock(level=Lock.Level.PAGE, page=page_of(subject), by=people.chen_jing, reason="x", interim=True)
    with pytest.raises(DatabaseError), transaction.atomic(), acting(by=people.wang_lei):
        connection.cursor().execute("UPDATE visits_verification SET value = '1'")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM visits_verification",
        "UPDATE visits_sdvplan SET seed = 'x'",
        "DELETE FROM visits_sdvplan",
        "DELETE FROM visits_visitreport",
    ],
)
def test_nothing_is_deleted_by_hand(people: People, subject: Subject, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), acting(by=people.chen_jing):
        connection.cursor().execute(statement)


# --- complaints of users of other systems (peers.md §2.4) ---


def test_29_items_are_verified_one_by_one(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age")
    assert states(subject, "age", "sex") == [State.VERIFIED, State.PENDING]


@pytest.mark.urs("AUD-01", "AUD-12", "SRC-02")
def test_30_the_trail_says_who_verified_which_value(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age")
    entry = Entry.objects.get(table_name="visits_verification", op="I")
    assert (entry.actor_name, entry.actor_role, entry.new["item"], entry.new["value"]) == (
        "Wang Lei",
        "MONITOR",
        "age",
        70,
    )
    assert entry.page_id == str(page_of(subject).pk) and entry.chain == f"subject:{subject.pk}"
    enter(people, subject, "DM", {"age": 71})
    assert not Entry.objects.filter(
        table_name="visits_verification", op="U"
    ).exists()  # computed, not written


def test_31_a_whole_page_and_its_parts_can_be_verified(people: People, subject: Subject) -> None:
    record = record_of(subject, "DM")
    seen = looked_at(record, ["birth_ym", "age", "sex"])
    assert verify_page(subject=subject, seen={record.id: seen}, by=people.wang_lei) == 3
    enter(people, subject, "DM", {"age": 71})  # what was dropped is listed: tests of stale_marks
    assert states(subject, "birth_ym", "age") == [State.VERIFIED, State.STALE]


def test_32_one_row_of_a_log_is_verified_and_not_the_form(people: People, subject: Subject) -> None:
    for kind in ("BMS", "DES"):
        enter(people, subject, "PS", {"ps_type": kind})
    record = record_of(subject, "PS", 2)
    seen = looked_at(record, ["ps_type"])
    assert verify_items(page=page_of(subject, "PS", 2), seen=seen, by=people.wang_lei) == 1
    assert state(subject, "PS", "ps_type", 1) == State.PENDING
    assert state(subject, "PS", "ps_type", 2) == State.VERIFIED


def test_33_the_plan_of_a_running_study_changes_both_ways(people: People, subject: Subject) -> None:
    verify(people, subject, "DM", "age")
    ask_for_all(people, Rule(percent=0))
    assert states(subject, "age", "sex") == [State.VERIFIED, State.NOT_REQUIRED]
    ask_for_all(people)
    assert states(subject, "age", "sex") == [State.VERIFIED, State.PENDING]
    assert plans.in_force().number == 3


def test_34_nothing_verifies_everything_shown(people: People, subject: Subject) -> None:
    """The services take lists with the value of each item; an item that appears meanwhile still waits."""
    record = record_of(subject, "DM")
    seen = looked_at(record, ["birth_ym", "age", "sex"])
    enter(people, subject, "DM", {}, missing={"height_cm": "ND"})
    verify_page(subject=subject, seen={record.id: seen}, by=people.wang_lei)
    assert state(subject, "DM", "height_cm") == State.PENDING


def test_35_what_is_verified_is_what_is_read(people: People) -> None:
    """Critical items are those that endpoints, eligibility and safety read, and far from all."""
    from outcomes.critical import critical_items

    critical = critical_items()
    assert {"endpoint"} <= critical["dus.psv_max_cms"]
    assert {"endpoint", "safety"} <= critical["ae.ae_serious"]
    assert {"eligibility"} <= critical["mh.active_bleeding"]
    assert "dm.height_cm" not in critical and "cec.cec_event" not in critical
    assert len(critical) < sum(len(crf.items()) for crf in FORMS.values()) / 2


def test_every_input_of_the_criteria_is_critical(people: People) -> None:
    """The collector of what the criteria read is run over a dossier that notes every address."""
    from outcomes.critical import critical_items
    from visits.crfs.criteria import eligibility_inputs

    asked: set[str] = set()

    class Noting:
        proc_date = None

        def value(self, address: str) -> None:
            asked.add(address)

        def of(self, form: str) -> list[object]:
            return []

        def target_lesions(self) -> list[object]:
            return []

    eligibility_inputs(Noting())
    derived = {f"{form.lower()}.{name}" for form, crf in FORMS.items() for name in crf.derived()}
    assert asked and asked - derived <= set(critical_items())


@pytest.mark.urs("SRC-02")
def test_treated_subject_has_its_critical_items_waiting(people: People) -> None:
    from outcomes.critical import critical_items

    subject = treated(people, 30)
    ask_for_all(people, Rule(critical_only=True), critical=critical_items())
    assert state(subject, "PR", "proc_date") == State.PENDING
    assert state(subject, "PR", "plan_reason") == State.NOT_REQUIRED
