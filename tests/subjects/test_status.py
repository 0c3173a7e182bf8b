"""The status machine of the protocol (§2), as a function of facts."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subjects.status import LABELS, Facts, Status, status

ELIGIBLE = Facts(consent_obtained="Y", elig_outcome="ELIG", elig_confirmed=True)
TREATED = replace(ELIGIBLE, study_dev_introduced="Y")
FOLLOWED = replace(TREATED, disc_vital="A")
ENDS = {
    "COMP": Status.COMPLETED,
    "WD": Status.WITHDRAWN,
    "LTFU": Status.LOST,
    "PI": Status.DISCONTINUED,
    "SPON": Status.DISCONTINUED,
}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), Status.SCREENING),
        (Facts(consent_obtained="Y"), Status.SCREENING),
        (Facts(consent_obtained="Y", elig_outcome="ELIG"), Status.SCREENING),
        (ELIGIBLE, Status.ELIGIBLE),
        (Facts(consent_obtained="N"), Status.SCREEN_FAIL),
        (Facts(consent_obtained="Y", elig_outcome="SF"), Status.SCREEN_FAIL),
        (replace(ELIGIBLE, study_dev_introduced="N"), Status.ELIGIBLE),
        (replace(ELIGIBLE, study_dev_introduced="N", exit_reason="PI"), Status.SCREEN_FAIL),
        (replace(ELIGIBLE, exit_reason="WD"), Status.SCREEN_FAIL),
        (replace(ELIGIBLE, exit_reason="LTFU"), Status.SCREEN_FAIL),
        (replace(ELIGIBLE, dth=True), Status.SCREEN_FAIL),
        (TREATED, Status.ENROLLED),
        (Facts(study_dev_introduced="Y"), Status.ENROLLED),
        (Facts(study_dev_introduced="Y", elig_outcome="SF"), Status.ENROLLED),
        (Facts(study_dev_introduced="Y", consent_obtained="N"), Status.ENROLLED),
        (replace(TREATED, disc_vital="D"), Status.ENROLLED),
        (FOLLOWED, Status.IN_FOLLOW_UP),
        (replace(TREATED, attended_fu=True), Status.IN_FOLLOW_UP),
        *((replace(FOLLOWED, exit_reason=code), end) for code, end in ENDS.items()),
        *((replace(TREATED, exit_reason=code), end) for code, end in ENDS.items()),
        *((replace(FOLLOWED, exit_reason=code, dth=True), Status.DEAD) for code in ENDS),
        (replace(TREATED, dth=True), Status.DEAD),
        (replace(FOLLOWED, exit_reason="DTH", dth=True), Status.DEAD),
    ],
)
def test_each_line_of_the_table(facts: Facts, expected: Status) -> None:
    assert status(facts) == expected


def test_a_lost_subject_found_again_is_in_follow_up_when_the_exit_is_reopened() -> None:
    lost = replace(FOLLOWED, exit_reason="LTFU")
    assert status(lost) == Status.LOST
    assert status(replace(lost, exit_reason=None)) == Status.IN_FOLLOW_UP


def test_treatment_alone_separates_those_who_count() -> None:
    before = {Status.SCREENING, Status.ELIGIBLE, Status.SCREEN_FAIL}
    answers = (None, "Y", "N")
    for device, consent, outcome, exit_reason, dth in product(
        answers, answers, (None, "ELIG", "SF"), (None, *ENDS, "DTH"), (False, True)
    ):
        facts = Facts(
            consent_obtained=consent,
            elig_outcome=outcome,
            study_dev_introduced=device,
            exit_reason=exit_reason,
            dth=dth,
        )
        assert (status(facts) in before) == (device != "Y")


@given(
    st.builds(
        Facts,
        consent_obtained=st.sampled_from([None, "Y", "N"]),
        elig_outcome=st.sampled_from([None, "ELIG", "SF"]),
        elig_confirmed=st.booleans(),
        study_dev_introduced=st.sampled_from([None, "Y", "N"]),
        disc_vital=st.sampled_from([None, "A", "D"]),
        attended_fu=st.booleans(),
        exit_reason=st.sampled_from([None, *ENDS, "DTH", "SF"]),
        dth=st.booleans(),
    )
)
def test_any_facts_have_a_status_with_words(facts: Facts) -> None:
    found = LABELS[status(facts)]
    assert found.en and found.zh
