"""The checks as a whole: all of the protocol's §4, each of the class that follows from what it reads."""

import ast
import inspect
import textwrap

import pytest

from protocol.codelists import DVCAT, DVSEV
from tests.protocol import book
from visits.checks import CHECKS, own_page
from visits.checks.check import FACTS, Check
from visits.crfs import FORMS
from visits.review import check_rates

# Whom a site must not read it from: the result of the other cohort, of the core laboratory, of another site.
TO_THE_DATA_MANAGER = {"EC-093", "EC-122", "EC-132"}
# Checks of one form's page that need the day: they stand across pages so that the night reruns them.
WITH_THE_DAY = {"EC-136"}
CONTRADICTIONS = {one.id: crf for crf in FORMS.values() for one in crf.contradictions}
WARNINGS = {one.id: crf for crf in FORMS.values() for one in crf.warnings}


def words_of(check_id: str) -> tuple[str, str]:
    """Return a check's English and Chinese."""
    words = check_rates.known()[check_id].words
    return words.en, words.zh


@book.needs_the_book
@pytest.mark.urs("EDQ-01")
def test_every_check_of_the_protocol_is_there_once() -> None:
    stated = [name for name in (*CHECKS, *CONTRADICTIONS, *WARNINGS, *check_rates.ELSEWHERE) if "EC-" in name]
    assert sorted(stated) == sorted(book.checks())
    assert len(book.checks()) == 137


NARROW = str.maketrans("\uff0c\uff1b\uff1a\uff1f\uff01", ",;:?!")
"""Chinese sentences end in their own punctuation on screen (ux.md); the protocol writes it half as wide."""


@book.needs_the_book
def test_every_check_has_the_severity_and_the_words_of_the_protocol() -> None:
    known = check_rates.known()
    for name, row in book.checks().items():
        assert known[name].severity == row["sev"], name
        english, chinese = words_of(name)
        written = (english, chinese.translate(NARROW))
        assert written == (row["message EN"], row["消息 ZH"].translate(NARROW)), name


@book.needs_the_book
def test_own_page_checks_stand_in_the_classes() -> None:
    """Type F reads one page: it is stated by the class, so that the hard ones refuse while it is typed."""
    own = {name for name, row in book.checks().items() if row["type"] == "F"}
    assert own & set(CHECKS) <= WITH_THE_DAY


@pytest.mark.parametrize("one", CHECKS.values(), ids=lambda one: one.id)
def test_a_check_that_reads_another_page_never_refuses(one: Check) -> None:
    """What a check may do follows from what it reads (design §3.7)."""
    assert not one.may_refuse
    assert one.type in ("X", "V") or one.reads & FACTS


@pytest.mark.parametrize("one", CHECKS.values(), ids=lambda one: one.id)
def test_a_check_stands_on_a_form_that_it_reads(one: Check) -> None:
    assert set(one.stands) <= set(one.forms)
    if one.stands_on and one.hard:
        assert one.owner in one.stands


def test_nothing_that_refuses_reads_another_page() -> None:
    """A contradiction of a class names items of its own page, none of them computed from other pages."""
    for name, crf in CONTRADICTIONS.items():
        stated = next(one for one in crf.contradictions if one.id == name)
        elsewhere = {item for item, asked in crf.derived().items() if asked.reads_dossier}
        assert set(stated.items) <= set(crf.questions()) - elsewhere, name


def test_no_id_is_stated_twice() -> None:
    ids = [*CHECKS, *own_page.own_checks(), *(name for name in CONTRADICTIONS if name not in WARNINGS)]
    assert len(ids) == len(set(ids))


def test_what_a_site_must_not_know_goes_to_the_data_manager() -> None:
    """So do checks of the adjudications, which no site writes."""
    to_them = {one.id: one for one in CHECKS.values() if one.to == "data_manager"}
    assert set(to_them) >= TO_THE_DATA_MANAGER
    assert all("CEC" in to_them[name].forms for name in set(to_them) - TO_THE_DATA_MANAGER)


def test_deviations_are_of_known_categories() -> None:
    for one in CHECKS.values():
        if one.deviation is not None:
            category, severity = one.deviation
            assert (category in DVCAT.codes, severity in DVSEV.codes) == (True, True), one.id


@pytest.mark.parametrize("one", CHECKS.values(), ids=lambda one: one.id)
def test_a_check_declares_what_it_asks_the_reading_for(one: Check) -> None:
    """An address that a function reads is among its operands: else it would not run when that changes."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(one.finds)))
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    texts = [value for value in constants if isinstance(value, str)]
    decorator = one.finds.__name__
    for text in texts:
        form, _, item = text.partition(".")
        crf = FORMS.get(form.upper())
        if crf is not None and form.islower() and item in crf.questions() and " " not in text:
            derived = crf.derived().get(item)
            declared = text in one.reads or form in one.reads or (derived and derived.reads_dossier)
            assert declared, f"{decorator} reads {text}"
