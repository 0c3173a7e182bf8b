"""The committee governs over the rules, the core laboratory over the site (protocol §5.1, §5.8)."""

from typing import Any

import pytest

from tests.outcomes.courses import Frames, add, derived, frames, on, put, result


def decided(found: Frames, form: str = "REV", **answers: Any) -> Frames:
    source = found[form]["page"].iloc[0]
    values = {
        "cec_type": form,
        "cec_source": source,
        "cec_status": "FIN",
        "cec_decision_date": on(500),
        **answers,
    }
    return add(found, "CEC", values)


def test_an_event_that_is_not_confirmed_counts_nowhere() -> None:
    found = decided(frames("R@300 V@735"), cec_event="N")
    outcomes = derived(found).outcomes
    assert {outcomes[name].cnsr for name in ("CDTLR24", "TLR24", "TVR24", "TLIMB24", "MALEC24")} == {4}
    assert outcomes["PPAT"].cnsr == 1


def test_an_open_adjudication_changes_nothing() -> None:
    found = put(decided(frames("R@300 V@735"), cec_event="N"), "CEC", 0, cec_status="R2")
    assert result(found, "CDTLR24") == (300, 0)


def test_the_committee_s_date_and_answers_replace_the_site_s() -> None:
    answers: dict[str, Any] = {
        "cec_event": "Y",
        "cec_event_date": on(290),
        "cec_tlr": "Y",
        "cec_cd": "Y",
        "cec_tvr": "Y",
    }
    found = decided(frames("R@300(gap=80,why=none) V@735"), **answers)
    outcome = derived(found).outcomes["CDTLR24"]
    assert (outcome.aval, outcome.cnsr) == (290, 0)
    assert outcome.source is not None
    assert outcome.source.adjudicated


def test_the_committee_may_call_a_tlr_none() -> None:
    answers: dict[str, Any] = {"cec_event": "Y", "cec_event_date": on(300), "cec_tlr": "N", "cec_tvr": "Y"}
    outcomes = derived(decided(frames("R@300 V@735"), **answers)).outcomes
    assert outcomes["TLR24"].cnsr == 4
    assert (outcomes["TVR24"].aval, outcomes["TVR24"].cnsr) == (300, 0)


def test_of_two_decisions_the_later_one_governs() -> None:
    found = decided(frames("R@300 V@735"), cec_event="N")
    source = found["REV"]["page"].iloc[0]
    again = {"cec_type": "REV", "cec_source": source, "cec_status": "FIN", "cec_event": "Y", "page": "again"}
    add(
        found,
        "CEC",
        {**again, "cec_event_date": on(300), "cec_decision_date": on(600), "cec_tlr": "Y", "cec_cd": "Y"},
    )
    assert result(found, "CDTLR24") == (300, 0)


@pytest.mark.parametrize(("answer", "expected"), [("Y", (200, 0)), ("N", (730, 4))])
def test_the_committee_decides_what_is_a_major_amputation(answer: str, expected: tuple[int, int]) -> None:
    found = decided(
        frames("AM@200(TMA) V@735"), "AMP", cec_event="Y", cec_event_date=on(200), cec_amp_major=answer
    )
    assert result(found, "MAJAMP24") == expected


def test_the_core_laboratory_replaces_the_site_s_reading_of_the_same_exam() -> None:
    found = frames("D@180(1.5) D@365(3.0)")
    core = {
        "dus_date": on(365),
        "dus_lesion": "L1",
        "dus_reader": "CORE",
        "dus_adequate": "Y",
        "dus_occlusion": "N",
    }
    assert result(found, "PPAT") == (365, 0)
    assert result(add(found, "DUS", {**core, "psvr": 2.1, "visit": "M12"}), "PPAT") == (365, 1)


def test_a_duplex_at_screening_is_not_follow_up() -> None:
    found = put(frames("D@180(1.5) D@365(1.5)"), "DUS", 0, visit="SCR", dus_occlusion="Y")
    assert result(found, "PPAT") == (365, 1)


def test_velocities_go_before_the_reported_ratio() -> None:
    found = put(frames("D@180(3.0) D@365(1.5)"), "DUS", 0, psv_max_cms=240, psv_ref_cms=100)
    assert result(found, "PPAT") == (365, 1)


def test_without_a_ratio_the_category_decides() -> None:
    found = put(frames("D@180(3.0) D@365(1.5)"), "DUS", 0, psvr=float("nan"), stenosis_cat="1")
    assert result(found, "PPAT") == (180, 0)
    found = put(frames("D@180(3.0) D@365(1.5)"), "DUS", 0, psvr=float("nan"), stenosis_cat="0")
    assert result(found, "PPAT") == (365, 1)


def test_a_lesion_that_was_not_crossed_was_never_patent() -> None:
    found = put(frames("D@180(1.5)"), "PRL", 0, crossing="FAIL", final_resid_pct=None)
    assert result(found, "PPAT") == (0, 0)


def test_an_abi_without_date_or_older_than_a_month_is_not_compared() -> None:
    tokens = "R@300(why=none,abi=95>60) V@735"
    assert result(frames(tokens), "CDTLR24") == (300, 0)
    assert result(put(frames(tokens), "REV", 0, rev_abi_pre_date=on(270)), "CDTLR24") == (300, 0)
    assert result(put(frames(tokens), "REV", 0, rev_abi_pre_date=on(269)), "CDTLR24") == (730, 4)


def test_an_edge_distance_that_is_blank_is_no_tlr_and_can_be_completed() -> None:
    from outcomes.explanation import explain

    found = put(frames("R@300 V@735"), "REV", 0, rev_edge_mm=None)
    assert result(found, "TLR24") == (730, 4)
    told = explain(derived(found), "TLR24")
    assert [line.say for line in told.hints] == ["hint_edge"]
    assert told.steps[0].lines[0].say == "edge_unknown"
