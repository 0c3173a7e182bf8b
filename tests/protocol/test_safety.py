"""Clocks of serious events: both sides of every limit, and what a missing answer leaves open (§3.27)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import safety
from protocol.safety import AUTHORITY_7, AUTHORITY_15, DUTIES, SPONSOR, Clock, State, clocks_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
AWARE = datetime(2026, 3, 1, 16, 30, tzinfo=SHANGHAI)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def event(**more: Any) -> dict[str, Any]:
    return {
        "ae_serious": "Y",
        "ae_aware_dt": AWARE,
        "ae_sae_crit": ["HOSP"],
        "ae_rel_device": "0",
        "ae_outcome": "RECG",
        **more,
    }


def clock(duty: safety.Duty, now: datetime = AWARE + HOUR, **more: Any) -> Clock:
    told = more.pop("authority_told", None)
    found = clocks_of(event(**more), now=now, authority_told=told)
    return next(one for one in found if one.duty is duty)


@pytest.mark.parametrize(
    ("after", "state"),
    [(24 * HOUR - SECOND, State.DONE), (24 * HOUR, State.DONE), (24 * HOUR + SECOND, State.LATE)],
)
def test_the_sponsor_is_told_within_24_hours(after: timedelta, state: State) -> None:
    assert clock(SPONSOR, ae_report_dt=AWARE + after).state is state


@pytest.mark.parametrize(
    ("after", "state"),
    [(HOUR, State.RUNNING), (24 * HOUR, State.RUNNING), (24 * HOUR + SECOND, State.OVERDUE)],
)
def test_a_clock_runs_until_its_last_second(after: timedelta, state: State) -> None:
    found = clock(SPONSOR, now=AWARE + after)
    assert found.state is state
    assert found.left == 24 * HOUR - after


def test_the_hour_counts_whatever_the_zone() -> None:
    """16:30 in Shanghai is 08:30 UTC: a report at 08:30 UTC next day is still in time, 08:31 is not."""
    in_time = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert clock(SPONSOR, ae_report_dt=in_time).state is State.DONE
    assert clock(SPONSOR, ae_report_dt=in_time + timedelta(minutes=1)).state is State.LATE
    assert clock(SPONSOR).due == datetime(2026, 3, 2, 16, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("duty", "more", "limit"),
    [
        (AUTHORITY_7, {"ae_sae_crit": ["DTH"]}, 7 * DAY),
        (AUTHORITY_7, {"ae_sae_crit": ["HOSP", "LT"]}, 7 * DAY),
        (AUTHORITY_7, {"ae_sae_crit": ["HOSP"], "ae_outcome": "FAT"}, 7 * DAY),
        (AUTHORITY_15, {"ae_sae_crit": ["HOSP"]}, 15 * DAY),
        (AUTHORITY_15, {"ae_sae_crit": ["INT", "DIS"]}, 15 * DAY),
    ],
)
@pytest.mark.parametrize("relation", ["1", "2", "3"])
def test_the_authority_is_told_of_what_the_device_may_have_done(
    duty: safety.Duty, more: dict[str, Any], limit: timedelta, relation: str
) -> None:
    told = AWARE + 5 * HOUR
    known = {**more, "ae_rel_device": relation, "ae_report_dt": told}
    other = AUTHORITY_15 if duty is AUTHORITY_7 else AUTHORITY_7
    assert clock(duty, **known).due == told + limit
    assert clock(duty, now=told + limit, **known).state is State.RUNNING
    assert clock(duty, now=told + limit + SECOND, **known).state is State.OVERDUE
    assert clock(duty, authority_told=told + limit, **known).state is State.DONE
    assert clock(duty, authority_told=told + limit + SECOND, **known).state is State.LATE
    assert clock(other, **known).state is State.NOT_APPLICABLE


def test_an_unrelated_event_leaves_the_authority_alone() -> None:
    for duty in (AUTHORITY_7, AUTHORITY_15):
        assert clock(duty, ae_sae_crit=["DTH"]).state is State.NOT_APPLICABLE
    assert clock(AUTHORITY_7).because.zh == "与研究器械无关。"


def test_the_sponsors_clock_begins_when_the_sponsor_is_told() -> None:
    waiting = clock(AUTHORITY_15, ae_rel_device="2")
    assert waiting.state is State.NOT_STARTED
    assert waiting.due is None
    assert "Counted from when the sponsor is told" in waiting.because.en


@pytest.mark.parametrize("missing", ["ae_serious", "ae_aware_dt", "ae_rel_device", "ae_sae_crit"])
def test_what_is_not_answered_is_never_taken_for_no(missing: str) -> None:
    known = event(ae_rel_device="1", ae_report_dt=AWARE + HOUR)
    del known[missing]
    found = clocks_of(known, now=AWARE + 2 * HOUR)
    assert State.UNDETERMINED in {one.state for one in found}
    assert all(one.because.en and one.because.zh for one in found)


def test_an_event_that_is_not_serious_has_no_clock() -> None:
    assert {one.state for one in clocks_of({"ae_serious": "N"}, now=AWARE)} == {State.NOT_APPLICABLE}


@pytest.mark.parametrize(("left", "urgent"), [(6 * HOUR, False), (6 * HOUR - SECOND, True), (-SECOND, False)])
def test_less_than_a_quarter_left_is_urgent(left: timedelta, urgent: bool) -> None:
    assert clock(SPONSOR, now=AWARE + 24 * HOUR - left).is_urgent is urgent


def test_the_sentence_says_how_related_and_how_grave() -> None:
    found = clock(AUTHORITY_7, ae_rel_device="2", ae_sae_crit=["LT"], ae_report_dt=AWARE)
    assert (
        found.because.en == "The event is probably related to the study device and life-threatening: 7 days."
    )
    assert found.because.zh == "该事件与研究器械很可能有关,危及生命:7天。"


def test_the_overdue_come_first() -> None:
    late = clock(SPONSOR, now=AWARE + 2 * DAY)
    soon = clock(SPONSOR, now=AWARE + 20 * HOUR)
    later = clock(SPONSOR, now=AWARE + HOUR)
    done = clock(SPONSOR, ae_report_dt=AWARE)
    assert safety.most_pressing([later, soon, late, done]) is late
    assert safety.most_pressing([later, soon]) is soon
    assert safety.most_pressing([done]) is None


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "ae_serious": st.sampled_from(["Y", "N"]),
        "ae_aware_dt": st.just(AWARE),
        "ae_report_dt": st.integers(0, 900).map(lambda n: AWARE + n * HOUR),
        "ae_sae_crit": st.lists(st.sampled_from(["DTH", "LT", "HOSP", "DIS"]), min_size=1, unique=True),
        "ae_rel_device": st.sampled_from("0123"),
        "ae_outcome": st.sampled_from(["FAT", "REC", "UNK"]),
    },
)


@given(ANSWERS, st.integers(0, 900), st.none() | st.integers(0, 900))
def test_answering_more_never_brings_back_an_open_question(
    known: dict[str, Any], hours: int, told: int | None
) -> None:
    """Every event has three clocks with a state and a sentence; a full answer leaves none undetermined."""
    at = None if told is None else AWARE + told * HOUR
    found = clocks_of(known, now=AWARE + hours * HOUR, authority_told=at)
    assert [one.duty for one in found] == list(DUTIES)
    full = clocks_of({**event(), **known}, now=AWARE + hours * HOUR, authority_told=at)
    assert State.UNDETERMINED not in {one.state for one in full}
    applying = [one for one in full[1:] if one.state is not State.NOT_APPLICABLE]
    assert len(applying) <= 1
    for one in (*found, *full):
        assert 0.0 <= one.spent <= 1.0
        if one.left is not None:
            assert (one.left >= timedelta(0)) == (one.state is State.RUNNING)
