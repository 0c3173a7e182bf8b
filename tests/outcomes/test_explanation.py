"""Each result says in sentences, in both languages, which page and item decided it."""

import json
import subprocess
import sys

import pytest

from outcomes.enactment import PROC_DATE
from outcomes.explanation import explain
from outcomes.sentences import LINES, STEPS
from outcomes.wording import Reader, open_hints
from protocol import endpoints
from tests.outcomes.courses import derived, frames

COURSES = (
    "V@30 V@365 R@391(side=N) V@705 CR@712(80)",
    "V@30 R@100(gap=45) R@200(gap=10,why=none,abi=90>70) R@300 V@735",
    "V@30 R@100(diag=1) R@120(ves=BTK) R@20(plan=1) R@0 V@735",
    "V@30 R@100(how=byp) AM@200(AKA) X@300",
    "V@30 AM@100(TOE) AM@150(BKA,side=N) AM@200(BKA) V@735",
    "V@30 X@200",
    "V@30 W@90",
    "D@30(1.3) D@180(2.8) G@195(30) D@365(3.1) V@735",
    "D@30(1.3) D@180(occ,les=2)",
    "RES=60 D@30(1.2)",
    "ALI@50 V@735",
    "RU=3 ABI=60 TBI=30 RU@365(1) ABI@365(75) XR@365(0) XR@735(2) BL@1(3a) MI@5 BCR=80 CR@2(120) V@735",
    "ABI@365(75) RU@365(1) ORG@20 X@25",
    "V@30 R@300(why=none,abi=150>90) R@400(why=none,abi=150>90) V@735",
)


def told(tokens: str, paramcd: str, language: str = "en") -> list[str]:
    stored = json.loads(json.dumps(explain(derived(frames(tokens)), paramcd).as_json()))
    steps = Reader(language, PROC_DATE).steps(stored)
    return [f"{step.title} {' '.join(map(str, step.sentences))}".strip() for step in steps]


def test_censored_before_the_horizon_is_told_as_in_the_design() -> None:
    steps = told(COURSES[0], "CDTLR24")
    assert steps[0] == "No qualifying event. REV1, day 391. Other limb: never an event for limb endpoints."
    assert steps[1].startswith(
        "No death, above-knee amputation or withdrawal. M24 visit, 2025-02-03, day 705"
    )
    assert "Latest of 5 dates: M24 visit, 2025-02-03, day 705." in steps[2]
    assert "A laboratory date, day 712 does not count" in steps[2]
    assert steps[3] == (
        "705 is before the horizon, 730. Censored on day 705, reason 1: last known contact. In the proportion"
        " the subject counts as “no event”: followed from day 700 on."
    )


def test_what_can_still_be_completed_is_said_until_its_day_has_passed() -> None:
    stored = explain(derived(frames(COURSES[0])), "CDTLR24").as_json()
    [hint] = open_hints(stored, day_today=720)
    assert "between day 730 and day 790 (until 2025-04-29)" in str(Reader("en", PROC_DATE).line(hint))
    assert open_hints(stored, day_today=791) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("tokens", COURSES)
def test_every_result_can_be_told(tokens: str, language: str) -> None:
    one = derived(frames(tokens))
    for paramcd in [*endpoints.ENDPOINT, *one.values]:
        stored = json.loads(json.dumps(explain(one, paramcd).as_json()))
        reader = Reader(language, PROC_DATE)
        words = [str(part) for step in reader.steps(stored) for part in (step.title, *step.sentences)]
        words += [str(reader.line(line)) for line in open_hints(stored, day_today=0)]
        assert words
        assert not any("{" in text or "None" in text for text in words)


def test_every_event_points_at_the_page_and_item_that_decided_it() -> None:
    for tokens in COURSES:
        one = derived(frames(tokens))
        pages = {page for frame in frames(tokens).values() for page in frame["page"]}
        for paramcd, outcome in one.outcomes.items():
            if outcome.cnsr != 0:
                continue
            cited = [line.cite for step in explain(one, paramcd).steps for line in step.lines if line.cite]
            assert outcome.source is not None
            assert outcome.source.page in {cite.page for cite in cited}, (tokens, paramcd)
            assert {cite.page for cite in cited} <= pages


def test_a_fall_of_the_abi_is_told_with_both_values() -> None:
    steps = told("V@180 R@300(why=none,abi=75>60) V@735", "CDTLR24")
    assert "ABI fell from 0.75 to 0.60" in steps[0]
    chinese = told("V@180 R@300(why=none,abi=75>60) V@735", "CDTLR24", "zh-hans")
    assert "ABI 由 0.75 降至 0.60" in chinese[0]


def test_sentences_are_complete_in_both_languages() -> None:
    for name, words in {**STEPS, **LINES}.items():
        assert words.en, name
        assert words.zh, name
        assert words.en.count("{") == words.zh.count("{") or name == "proportion_N", name


def test_web_processes_load_no_analysis_library() -> None:
    code = (
        "import sys, django; django.setup(); import defier.urls, outcomes.jobs;"
        " print(sorted({'pandas', 'numpy', 'lifelines', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_visit_that_cannot_be_answered_says_what_would_answer_it() -> None:
    stored = explain(derived(frames("D@30(1.2) V@300")), "PP.M12").as_json()
    [hint] = open_hints(stored, day_today=390)
    assert str(Reader("en", PROC_DATE).line(hint)).startswith(
        "An adequate duplex by day 395 (until 2024-03-30)"
    )
    assert open_hints(stored, day_today=396) == []
    assert explain(derived(frames("D@30(1.2) X@300")), "PP.M12").hints == []


def test_by_visit_endpoints_show_the_readings_before_and_at_the_visit() -> None:
    steps = told("ABI=60 TBI=30 ABI@365(75)", "HEMO15.M12")
    assert "ABI SCR, day -1: ABI 0.60, TBI 0.30." in steps[0]
    assert "ABI M12, day 365: ABI 0.75" in steps[0]
    assert steps[1] == "Result: yes."
