"""Reads the tables of the written protocol, where it lies beside the repository; tests skip elsewhere."""

import re
from functools import cache
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[3] / "shared" / "protocol.md"
needs_the_book = pytest.mark.skipif(
    not BOOK.exists(), reason="the written protocol is not beside the repository"
)


@cache
def text() -> str:
    return BOOK.read_text(encoding="utf-8")


def section(number: str) -> str:
    """Return the text of section 3.5, say, up to the next heading."""
    found = re.search(rf"^#+ {re.escape(number)}\.? .*?(?=^#+ \d|\Z)", text(), re.M | re.S)
    assert found, number
    return found[0]


def tables(part: str) -> list[list[dict[str, str]]]:
    """Return each table of a text as rows of cells by column heading."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", part + "\n", re.M):
        lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]])
    return found


@cache
def forms() -> dict[str, list[dict[str, str]]]:
    """Return the rows of each form's table by form."""
    found = {}
    for number, form in re.findall(r"^### (3\.\d+) ([A-Z]+) —", text(), re.M):
        found[form] = tables(section(number))[0]
    return found


@cache
def codelists() -> dict[str, list[tuple[str, str, str]]]:
    """Return the terms (code, English, Chinese) of each codelist by name."""
    block = text().split("```codelist\n")[1].split("```")[0]
    found = {}
    for line in block.strip().splitlines():
        name, terms = line.split(": ", 1)
        found[name] = [_term(term) for term in terms.split("; ")]
    return found


@cache
def checks() -> dict[str, dict[str, str]]:
    """Return the rows of the edit-check table by id."""
    rows = next(table for table in tables(section("4")) if "condition" in table[0])
    return {row["id"]: row for row in rows}


def _term(term: str) -> tuple[str, str, str]:
    code, words = term.strip().split("=", 1)
    english, slash, chinese = words.partition("/")
    return code, english, chinese if slash else english
