"""Every cell of the protocol's form tables is stated: by a CRF class, by a check across pages, or by a rule.

What states a cell that reads more than its own page is named in cells.py; nothing is left over.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from protocol.codelists import CODELISTS, Codelist
from tests.protocol import book
from tests.visits.cells import STATED_BY, STATED_ELSEWHERE
from visits.checks import CHECKS
from visits.crfs import FORMS, Crf
from visits.items import DecItem, Derived, Item, Range, TextItem, Unusual

pytestmark = book.needs_the_book
ROWS = (
    [(form, row["field"]) for form, rows in book.forms().items() for row in rows]
    if book.BOOK.exists()
    else []
)

# The subject's own number, not typed: the protocol writes it as a text.
NUMBER_OF_THE_SUBJECT = ("IC", "screening_no")
# A stent of this study lies in the restenosed one, so that the second half of the condition always holds.
NARROWED = {"xr_stent is DES or BMS and overlaps a prior stent": "xr_stent is DES or BMS"}


def row_of(form: str, name: str) -> dict[str, str]:
    return next(row for row in book.forms()[form] if row["field"] == name)


def asked(form: str, name: str) -> Item | Derived:
    return FORMS[form].questions()[name]


@pytest.mark.parametrize("form", list(FORMS))
def test_same_items_in_the_same_order(form: str) -> None:
    names = [row["field"] for row in book.forms()[form]]
    crf = FORMS[form]
    assert list(crf.items()) == [name for name in names if name in crf.items()]
    assert list(crf.derived()) == [name for name in names if name in crf.derived()]
    assert set(names) == {*crf.items(), *crf.derived()}


@pytest.mark.parametrize("form", list(FORMS))
def test_the_layout_has_every_item_once(form: str) -> None:
    crf = FORMS[form]
    placed = [name for part in crf.layout for name in part.items]
    assert sorted(placed) == sorted([*crf.items(), *crf.derived()])


def test_every_form_and_no_other() -> None:
    assert list(FORMS) == list(book.forms())


def test_titles() -> None:
    for form, crf in FORMS.items():
        heading = re.search(rf"^### 3\.\d+ {form} — (.*)$", book.text(), re.M)
        assert heading
        assert heading[1].startswith(f"{crf.title.en} {crf.title.zh}"), form


@pytest.mark.parametrize(("form", "name"), ROWS)
def test_wording_type_and_condition(form: str, name: str) -> None:
    row, item = row_of(form, name), asked(form, name)
    assert (item.label.en, item.label.zh) == (row["label EN"], row["label ZH"])
    assert item.sdtm == ("" if row["SDTM"] == "–" else row["SDTM"])
    assert item.unit == row.get("unit", "")
    show_if = row.get("show if", "")
    assert item.show_if == NARROWED.get(show_if, show_if)
    if (form, name) != NUMBER_OF_THE_SUBJECT:
        assert written_type(item) == row["type"].replace(" ", "")
    if isinstance(item, Item):
        assert codelist_name(item.codelist) == ("LESION" if "=" in row["codelist"] else row["codelist"])
        assert written_requirement(item) == row["req"]
    else:
        assert row["req"] == "–"


def written_type(item: Item | Derived) -> str:
    if isinstance(item, DecItem):
        return f"dec({item.max_digits},{item.decimal_places})"
    return f"text({item.longest})" if isinstance(item, TextItem) else item.kind


def written_requirement(item: Item) -> str:
    return f"C if {item.required_if}" if item.required_if else item.required


def codelist_name(codelist: Codelist | None) -> str:
    return "" if codelist is None else codelist.name


@pytest.mark.parametrize("form", list(FORMS))
def test_limits_say_nothing_that_the_protocol_does_not(form: str) -> None:
    for row in book.forms()[form]:
        item = asked(form, row["field"])
        written = {kind: set(clauses(row.get(kind, ""))) for kind in ("hard", "soft")}
        if isinstance(item, Item) and item.hard is not None:
            assert set(range_clauses(item.hard)) & written["hard"], row["field"]
        if isinstance(item.soft, Range):
            assert {*range_clauses(item.soft), *unusual_clauses(item.soft)} & written["soft"], row["field"]
        if isinstance(item.soft, Unusual):
            assert item.codelist is not None
            named = [codes_in(clause, item.codelist) or set() for clause in written["soft"]]
            assert set().union(*named) == set(item.soft.codes), row["field"]


def test_every_cell_is_stated_once() -> None:
    assert not STATED_BY.keys() & STATED_ELSEWHERE
    assert set(left_of_forms()) == {*STATED_BY, *STATED_ELSEWHERE}


@pytest.mark.parametrize(("cell", "check_id"), STATED_BY.items())
def test_a_check_states_what_its_cell_says(cell: str, check_id: str) -> None:
    address, kind = cell.partition(": ")[0].split()
    one = CHECKS[check_id]
    if check_id.startswith("EC-"):
        assert address.lower().partition(".")[0] in {form.lower() for form in (*one.forms, *one.stands)}
    else:
        # A limit of §3 is named by its item and severity; a word tells two limits of one item apart.
        assert re.fullmatch(rf"RNG-{re.escape(address)}(\.[a-z0-9]+)?-[HS]", check_id)
        assert one.severity == {"hard": "H", "soft": "S"}[kind]


def test_every_limit_across_pages_is_a_cell() -> None:
    assert {name for name in CHECKS if name.startswith("RNG-")} <= set(STATED_BY.values())


def left_of_forms() -> Iterator[str]:
    for form, rows in book.forms().items():
        for row in rows:
            for kind in ("hard", "soft"):
                for clause in clauses(row.get(kind, "")):
                    if not is_stated(FORMS[form], row["field"], kind, clause):
                        yield f"{form}.{row['field']} {kind}: {clause}"


def test_checks_have_the_protocols_words_and_severity() -> None:
    for crf in FORMS.values():
        for severity, rules in (("H", crf.contradictions), ("S", crf.warnings)):
            for rule in rules:
                if rule.id.startswith("EC-"):
                    row = book.checks()[rule.id]
                    assert (row["sev"], row["message EN"], row["消息 ZH"]) == (
                        severity,
                        rule.message.en,
                        rule.message.zh,
                    ), rule.id


def test_rules_state_cells_that_exist() -> None:
    for form, crf in FORMS.items():
        for kind, rules in (("hard", crf.contradictions), ("soft", crf.warnings)):
            for cell in (cell for rule in rules for cell in rule.cells):
                name, clause = cell.split(": ", 1)
                assert clause in clauses(row_of(form, name)[kind]), cell


def clauses(cell: str) -> list[str]:
    return [clause.strip() for clause in cell.split(";") if clause.strip()]


def is_stated(crf: type[Crf], name: str, kind: str, clause: str) -> bool:
    item = crf.questions()[name]
    rules = crf.contradictions if kind == "hard" else crf.warnings
    if any(f"{name}: {clause}" in rule.cells for rule in rules):
        return True
    if kind == "hard":
        return clause in hard_clauses(crf, item)
    if isinstance(item.soft, Unusual):
        assert item.codelist is not None
        return bool(codes_in(clause, item.codelist))
    return item.soft is not None and clause in {*range_clauses(item.soft), *unusual_clauses(item.soft)}


def hard_clauses(crf: type[Crf], item: Item | Derived) -> set[str]:
    """Return the clauses that an item itself keeps; a derived item keeps what its rule can return."""
    if isinstance(item, Derived):
        row = row_of(crf.form, item.name)
        return set(clauses(row["hard"])) if item.compute or item.identity else set()
    kept = set() if item.hard is None else set(range_clauses(item.hard))
    exclusive = getattr(item, "exclusive", ())
    if exclusive:
        *first, last = exclusive
        kept.add(f"{', '.join(first)} and {last} each exclusive" if first else f"{last} exclusive")
    if item.kind == "mcode":
        kept.add("≥ 1")  # nothing chosen is no answer
    if getattr(item, "precision", "") == "month":
        kept.add("YYYY or YYYY-MM only")
    if getattr(item, "future_ok", False):
        kept.add("future allowed")
    if isinstance(item, TextItem) and item.one_of:
        kept.add(f"in ({', '.join(item.one_of)})")
    return kept


def number(value: Decimal | None) -> str:
    return str(value).replace("-", "−")


def range_clauses(limit: Range) -> set[str]:
    """Return the ways of writing what is allowed."""
    if limit.above is not None:
        return {f"> {number(limit.above)}"}
    if limit.hi is None:
        return {f"≥ {number(limit.lo)}"}
    return {f"{number(limit.lo)}–{number(limit.hi)}"}


def unusual_clauses(limit: Range) -> set[str]:
    """Return the ways of writing what is asked about."""
    lo, hi = number(limit.lo), number(limit.hi)
    if limit.above is not None:
        return {f"≤ {number(limit.above)}"}
    if limit.hi is None:
        return {f"< {lo}"} | ({"0"} if limit.lo == 1 else set())
    if limit.lo is None:
        return {f"> {hi}", f"≥ {number(limit.hi + 1)}"}
    return {f"< {lo} or > {hi}", f"> {hi} or < {lo}"}


def codes_in(clause: str, codelist: Codelist) -> set[str] | None:
    """Return the codes that a soft clause names alone, None when it says more than codes."""
    codes = codelist.codes
    words = re.sub(r" \(.*\)$", "", clause)
    if words == "not OK":
        return {code for code in codes if code != "OK"}
    if found := re.fullmatch(r"(\w+) or (?:worse|above)", words):
        return set(codes[codes.index(found[1]) :])
    if found := re.fullmatch(r"(\d)–(\d)", words):
        return {code for code in codes if found[1] <= code <= found[2]}
    if found := re.fullmatch(r"≥ (\d)", words):
        return {code for code in codes if code >= found[1]}
    named = re.split(r", | or ", words)
    return set(named) if all(code in codes for code in named) else None


def test_every_codelist_is_known() -> None:
    for crf in FORMS.values():
        for item in crf.items().values():
            if item.codelist is not None:
                assert CODELISTS[item.codelist.name] is item.codelist
