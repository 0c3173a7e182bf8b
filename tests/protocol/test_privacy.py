"""Free text is screened for what identifies a person; clinical text passes (PRI-03).

The corpus was made up for this test: no line is about anybody. "+" lines hold something that identifies,
"-" lines are what coordinators write about devices, findings and contacts.
"""

from pathlib import Path

import pytest

from protocol.privacy import KINDS, described, screen

CORPUS = [
    (line[0] == "+", line[2:])
    for line in Path(__file__).with_name("privacy_corpus.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.urs("PRI-03")
def test_at_least_95_of_100_identifying_texts_are_flagged() -> None:
    identifying = [text for identifies, text in CORPUS if identifies]
    passed = [text for text in identifying if not screen(text)]
    assert len(CORPUS) >= 200
    assert len(passed) <= 0.05 * len(identifying), passed


@pytest.mark.urs("PRI-03")
def test_at_most_5_of_100_clinical_texts_are_flagged() -> None:
    clinical = [text for identifies, text in CORPUS if not identifies]
    flagged = [text for text in clinical if screen(text)]
    assert len(flagged) <= 0.05 * len(clinical), flagged


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("联系电话13812345678。", "phone", "13812345678"),
        ("患者张伟诉疼痛", "name", "患者张伟"),
        ("住院号 0123456", "record", "住院号 0123456"),
        ("生于1948-09-12", "birth", "生于1948-09-12"),
        ("mail: li.na@example.com", "account", "li.na@example.com"),
    ],
)
def test_a_finding_says_where_and_what(text: str, kind: str, part: str) -> None:
    (found,) = screen(text)
    assert found.kind == kind
    assert text[found.start : found.end] == part


def test_a_wrong_check_character_is_still_seen_by_its_birth_date() -> None:
    assert [one.kind for one in screen("110101195603072310")] == ["identity"]
    assert screen("987654321098765432") == []


def test_every_kind_has_words_and_is_found_somewhere() -> None:
    seen = {one.kind for _identifies, text in CORPUS for one in screen(text)}
    assert seen == set(KINDS)
    both = described(screen("张女士 13812345678"))
    assert both.en == "a person's name, a telephone number"
    assert both.zh == "姓名、电话号码"


def test_full_width_digits_hide_nothing() -> None:
    assert [one.kind for one in screen("１３８１２３４５６７８")] == ["phone"]
