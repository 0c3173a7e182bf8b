"""Versions of the protocol as data: their order, what belongs to each; nothing is dropped or reused."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import schedule, version
from protocol.codelists import CODELISTS
from protocol.codelists.terms import codelist
from protocol.schedule import VISIT, VISITS, Moved, window_dates
from protocol.version import AMENDMENTS, FIRST, Amendment, in_force, newest, place
from protocol.words import T
from tests import amendment as one_one
from visits.amendments import changes_of, definition_of
from visits.crfs import FORMS

VERSIONS = st.tuples(st.integers(1, 30), st.integers(0, 30)).map(lambda pair: f"{pair[0]}.{pair[1]}")
LIST = codelist("X", "A=a/甲", "B=b/乙", "C=c/丙", since={"B": "1.1"}, until={"C": "1.1"})


def test_versions_are_ordered_by_number_and_not_by_text() -> None:
    assert newest(("1.9", "1.10", "1.2")) == "1.10"
    assert newest(()) == FIRST
    with pytest.raises(ValueError):
        place("1.1-draft")


@given(VERSIONS, VERSIONS, VERSIONS)
def test_a_thing_belongs_to_the_versions_from_since_and_before_until(at: str, since: str, until: str) -> None:
    assert in_force(at, since, until) == (place(since) <= place(at) < place(until))
    assert in_force(at, since, None) == (place(since) <= place(at))


def test_a_codelist_offers_the_terms_of_its_version_and_decodes_all() -> None:
    assert LIST.at("1.0").codes == ("A", "C")
    assert LIST.at("1.1").codes == ("A", "B")
    assert LIST.at("1.1", keep=["C"]).codes == ("A", "B", "C")
    for at in ("1.0", "1.1"):
        assert [LIST.at(at).decode(code).en for code in "ABC"] == ["a", "b", "c"]
    assert "C" not in LIST.at("1.1")
    assert CODELISTS["NY"].at("9.0") is CODELISTS["NY"]


def test_a_window_moves_with_its_version_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = replace(VISIT["M6"], moved=(Moved("1.1", 180, 165, 195), Moved("1.3", 182, 160, 200)))
    monkeypatch.setitem(schedule.VISIT, "M6", moved)
    day0 = date(2026, 1, 1)
    days = {at: [(day - day0).days for day in window_dates("M6", day0, at)] for at in ("1.0", "1.2", "1.3")}
    assert days == {"1.0": [150, 210], "1.2": [165, 195], "1.3": [160, 200]}
    assert window_dates("M6", day0) == window_dates("M6", day0, FIRST)


def test_all_that_names_a_version_names_one_that_is_stated() -> None:
    """Holds the product's own folders: a typing error in since or until would hide an item for good."""
    known = set(version.versions())
    named = {name for visit in VISITS for name in (move.since for move in visit.moved)}
    for terms in CODELISTS.values():
        named |= {name for term in terms.terms for name in (term.since, term.until) if name}
    for crf in FORMS.values():
        for item in crf.questions().values():
            named |= {name for name in (item.since, item.until) if name}
        named |= {name for item in crf.items().values() for name in item.amended}
    assert named <= known
    assert [place(one) for one in version.versions()] == sorted(place(one) for one in known)
    assert [one.dated for one in AMENDMENTS] == sorted(one.dated for one in AMENDMENTS)


def test_the_first_version_asks_all_that_there_is_while_nothing_is_amended() -> None:
    for crf in FORMS.values():
        assert crf.items_at(FIRST) == crf.items()
        assert list(crf.questions_at(FIRST)) == list(crf.questions())


def test_what_an_amendment_changes_is_read_off_the_forms() -> None:
    undo = one_one.apply()
    try:
        said = {change.key: change.said for change in changes_of(one_one.VERSION)}
        assert set(said) == {
            f"added:FU:{one_one.ADDED}",
            f"retired:FU:{one_one.RETIRED}",
            f"amended:FU:{one_one.REWORDED}",
            *(f"term-added:FU:comply_{drug}:PAUSE" for drug in ("asa", "p2y12", "oac", "statin")),
            "window:M6",
        }
        assert said["window:M6"].en == "6 months: window day 165 to 195 instead of 150 to 210"
        assert "usual range “0–300”" in said[f"amended:FU:{one_one.REWORDED}"].en
        assert all(words.zh and words.zh != words.en for words in said.values())
        first = definition_of(one_one.VERSION)
        old, new = (FORMS["FU"].items_at(at)[one_one.REWORDED] for at in ("1.0", "1.1"))
        assert (new.label, old.label == new.label) == (one_one.NEW_LABEL, False)
        assert old.get_attname() == new.get_attname(), "one column for all versions"
    finally:
        undo()
    with pytest.raises(KeyError):
        changes_of(one_one.VERSION)
    assert first == first.lower()
    test_the_first_version_asks_all_that_there_is_while_nothing_is_amended()


def test_an_unknown_amendment_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        version.amendment("7.7")
    made = Amendment("1.1", date(2026, 3, 2), T("x", "某"))
    assert not made.reconsent
