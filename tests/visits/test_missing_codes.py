"""Why a value is missing is said by a code, never beside a value; a number's unit is its item's (EDQ-04)."""

from decimal import Decimal
from typing import Any

import pytest

from subjects.models import Subject
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry, SaveRefused
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.items.numbers import DecItem, IntItem

pytestmark = [pytest.mark.django_db, pytest.mark.urs("EDQ-04")]
NUMBERS = [
    (form, name)
    for form, crf in FORMS.items()
    for name, item in crf.items().items()
    if isinstance(item, IntItem | DecItem)
]


def entry(subject: Subject, values: dict[str, Any], missing: dict[str, str]) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values, missing=missing)


@pytest.mark.parametrize(
    ("values", "missing", "code"),
    [
        ({"height_cm": Decimal(170)}, {"height_cm": "UNK"}, "both"),
        ({}, {"height_cm": "999"}, "reason"),
        ({}, {"sex": "UNK"}, "no-reason"),
    ],
)
def test_a_code_excludes_a_value_and_is_one_of_the_list(
    people: People, subject: Subject, values: dict[str, Any], missing: dict[str, str], code: str
) -> None:
    with pytest.raises(SaveRefused) as refused:
        save_pages([entry(subject, values, missing)], by=people.li_na)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert dossiers.load(subject).one("DM") is None


def test_empty_and_unknown_are_told_apart(people: People, subject: Subject) -> None:
    save_pages([entry(subject, {"age": 70}, {"height_cm": "UNK"})], by=people.li_na)
    page = dossiers.load(subject).one("DM")
    assert page is not None
    assert (page.values.get("height_cm"), page.missing) == (None, {"height_cm": "UNK"})
    assert "weight_kg" not in page.missing and page.values.get("weight_kg") is None


def test_no_number_takes_a_magic_one_for_missing() -> None:
    """Distances in the leg run both ways, so that theirs are limited by hundreds."""
    open_ended = [f"{form}.{name}" for form, name in NUMBERS if FORMS[form].items()[name].hard is None]
    assert open_ended == ["LB.lb_value"]  # its limits follow from the analyte (EC checks of LB)
    taken = [
        f"{form}.{name}"
        for form, name in NUMBERS
        if any(Decimal(code) in (FORMS[form].items()[name].hard or ()) for code in (-999, -9999))
    ]
    assert not taken
