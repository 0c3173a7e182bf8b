"""Codelists, schedule, criteria and laboratory limits say what the written protocol says."""

import re
from decimal import Decimal

from protocol.codelists import CODELISTS
from protocol.eligibility import CRITERIA
from protocol.laboratory import ANALYTES, Limits
from protocol.schedule import EXPECTED, LOGS, REQUIRED_IF_STENTED, VISIT, VISITS
from tests.protocol import book

pytestmark = book.needs_the_book
LESIONS = [(f"L{number}",) * 3 for number in range(1, 7)]


def test_codelists() -> None:
    ours = {
        name: [(term.code, term.label.en, term.label.zh) for term in codelist.terms]
        for name, codelist in CODELISTS.items()
    }
    assert ours == {**book.codelists(), "LESION": LESIONS}


def test_visits_and_windows() -> None:
    rows = book.tables(book.section("2"))[0]
    assert [row["visit code"] for row in rows] == [visit.code for visit in VISITS]
    for row in rows:
        visit = VISIT[row["visit code"]]
        assert f"{visit.label.en} {visit.label.zh}" == row["visit 访视"]
        window = "none" if visit.lo is None else f"{visit.lo} … {visit.hi}"
        assert window in (row["window (days)"].replace("−", "-"), "0 … 0")
        if re.fullmatch("[−0-9]+", row["target day"]):
            assert visit.target_day == int(row["target day"].replace("−", "-"))


def test_schedule_of_forms() -> None:
    rows = book.tables(book.section("2"))[1]
    for row in rows:
        forms = [word for word in re.findall(r"\b[A-Z]{2,5}\b", row["form"]) if word != "CTA"]
        for visit in EXPECTED:
            for form in forms:
                if form not in LOGS:
                    _compare(form, visit, row[visit])


def _compare(form: str, visit: str, cell: str) -> None:
    if form == "ICRE":
        assert EXPECTED[visit].get(form) == ("C" if cell == "C" else None)
    elif form == "IC":
        assert EXPECTED[visit].get(form) == ("R" if visit == "SCR" else None)
    elif (form, visit) == ("IE", "PROC"):
        assert cell == "R (angiographic part)"  # completed there, on the page of SCR
    elif cell == "C (R if stented)":
        assert EXPECTED[visit][form] == "C"
        assert (visit, form) in REQUIRED_IF_STENTED
    else:
        assert EXPECTED[visit].get(form) == (None if cell == "–" else cell), (form, visit)


def test_criteria() -> None:
    rows = [row for row in book.forms()["IE"] if re.match(r"(inc|exc)\d", row["field"])]
    ours = [
        (criterion.id, f"{criterion.number} {criterion.text.en}", criterion.text.zh) for criterion in CRITERIA
    ]
    assert ours == [(row["field"], row["label EN"], row["label ZH"]) for row in rows]


def test_laboratory_limits() -> None:
    rows = book.tables(book.section("3.11"))[1]
    assert [row["analyte"] for row in rows] == list(ANALYTES)
    for row in rows:
        analyte = ANALYTES[row["analyte"]]
        assert analyte.unit == row["unit"]
        assert analyte.hard == _limits(row["hard"])
        assert analyte.usual == ((None, None) if analyte.asks_above_uln else _limits(row["soft"]))
        assert analyte.asks_above_uln == (row["soft"] == "> ULN")
        required = re.fullmatch("(?:(?:SCR|POST|M1)(?:, |$))+", row["required at"])
        assert analyte.required_at == (tuple(row["required at"].split(", ")) if required else ())


def _limits(cell: str) -> Limits:
    if cell.startswith("< "):
        return Decimal(cell[2:]), None
    if cell.startswith("> "):
        return None, Decimal(cell[2:])
    lo, hi = cell.split("–")
    return Decimal(lo), Decimal(hi)
