"""What extends follow-up and what does not; partly known dates (protocol §5.1, §7.2)."""

import pytest

from outcomes.dates import event_day, flag
from outcomes.records import When
from tests.outcomes.courses import add, derived, frames, on, put, result


@pytest.mark.parametrize(
    ("mode", "known", "day"),
    [
        ("CLIN", "N", 100),
        ("INPT", "N", 100),
        ("TEL", "Y", 100),
        ("TEL", "N", 30),
        ("REC", "Y", 100),
        ("REC", "N", 30),
        ("MISS", "Y", 30),
    ],
)
def test_a_contact_extends_the_limb_in_person_or_with_known_status(mode: str, known: str, day: int) -> None:
    found = put(frames("V@30 V@100"), "FU", 1, contact_mode=mode, tlr_status_known=known)
    assert result(found, "CDTLR") == (day, 1)


def test_a_phone_call_without_known_status_still_proves_life() -> None:
    found = put(frames("V@30 V@100"), "FU", 1, contact_mode="TEL", tlr_status_known="N")
    assert result(found, "DEATH") == (100, 1)


def test_the_exit_page_extends_to_the_last_contact_not_to_the_decision() -> None:
    leaving = {"exit_date": on(400), "exit_reason": "LTFU", "last_contact_date": on(200)}
    assert result(add(frames("V@30"), "EXIT", leaving), "CDTLR") == (200, 1)


def test_a_vital_check_extends_life_only() -> None:
    leaving = {
        "exit_date": on(400),
        "exit_reason": "LTFU",
        "last_contact_date": on(200),
        "vital_check_date": on(500),
        "vital_check_result": "A",
    }
    found = add(frames("V@30"), "EXIT", leaving)
    assert result(found, "DEATH") == (500, 1)
    assert result(found, "CDTLR") == (200, 1)


def test_an_unknown_vital_check_extends_nothing() -> None:
    leaving = {
        "exit_date": on(400),
        "exit_reason": "LTFU",
        "last_contact_date": on(200),
        "vital_check_date": on(500),
        "vital_check_result": "U",
    }
    assert result(add(frames("V@30"), "EXIT", leaving), "DEATH") == (200, 1)


def test_pressures_of_the_other_limb_extend_nothing() -> None:
    found = put(frames("V@30 ABI@100(80)"), "ABI", 0, abi_l=None, abi_r=0.8, incompressible_l=None)
    assert result(found, "CDTLR") == (30, 1)


def test_nothing_exists_after_the_cut_off() -> None:
    found = frames("V@30 V@100 R@150 X@200")
    assert result(found, "CDTLR", on(120)) == (100, 1)
    assert result(found, "CDTLR", on(150)) == (150, 0)
    assert result(found, "DEATH", on(199)) == (150, 1)


@pytest.mark.parametrize(
    ("first", "last", "free", "reported", "day"),
    [
        (100, 100, [150], [], 100),  # complete: taken as it is
        (60, 90, [], [], 60),  # the first compatible day
        (60, 90, [70], [], 71),  # the day after an event-free contact
        (60, 90, [95], [], 60),  # a contact after the last compatible day says nothing of this event
        (60, 90, [90], [], 90),  # capped at the last compatible day
        (-20, 10, [], [], 0),  # never before the procedure
        (60, 90, [65, 85], [75], 66),  # free contacts after the report speak of later time
    ],
)
def test_a_partly_known_day(first: int, last: int, free: list[int], reported: list[int], day: int) -> None:
    assert event_day(When(first, last), free=free, reported=reported) == day


def test_a_month_alone_falls_after_the_last_contact_that_found_nothing() -> None:
    found = put(frames("V@30 V@100 R@150 V@180"), "REV", 0, rev_date=on(150).isoformat()[:7])
    first = on(150).replace(day=1).toordinal() - on(0).toordinal()
    assert result(found, "CDTLR") == (max(first, 101), 0)


def test_a_year_alone_counts_from_the_day_after_the_last_event_free_contact() -> None:
    found = put(frames("V@30 V@100 R@150 V@180"), "REV", 0, rev_date=str(on(150).year))
    assert result(found, "CDTLR") == (101, 0)


def test_death_in_a_known_month_follows_the_last_date_alive() -> None:
    found = put(frames("V@30 V@100 X@104"), "DTH", 0, death_date=on(104).isoformat()[:7])
    assert result(found, "DEATH") == (101, 0)


def test_flags_of_imputed_dates() -> None:
    assert [flag(text) for text in ("2025", "2025-03", "2025-03-01")] == ["M", "D", ""]


def test_a_procedure_before_the_index_date_is_no_event() -> None:
    found = put(frames("R@10 V@30"), "REV", 0, rev_date=on(-5).isoformat(), rev_separate="Y")
    assert result(found, "TLR") == (30, 1)


def test_without_any_contact_follow_up_is_the_procedure_itself() -> None:
    found = frames("V@30")
    del found["FU"], found["DISC"]
    outcome = derived(found).outcomes["CDTLR"]
    assert (outcome.aval, outcome.cnsr) == (0, 1)
    assert outcome.source is not None
    assert outcome.source.item == "proc_date"
