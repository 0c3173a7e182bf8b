"""What the cells of a workbook show where their stored values do not say it.

A value alone would have to be guessed from: Excel keeps "2026-03" as the first of March, "50%" as a half,
and nothing at all for a formula that was never computed or has failed. The file says which cells these are.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LARGEST_PART = 100 * 1024 * 1024
MONTH_ONLY = frozenset({17})
PERCENT = frozenset({9, 10})
"""Number formats that Excel has without saying their text: mmm-yy; 0% and 0.00%."""
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
PLACE = re.compile("([A-Z]+)([0-9]+)")
Place = tuple[int, int]


class Unreadable(ValueError):
    """The parts of the workbook are not where they belong, or too large."""


class TooFar(ValueError):
    """A cell stands beyond what is read; `place` is which, as Excel names it."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def odd_cells(content: bytes, *, rows: int, columns: int) -> dict[Place, str]:
    """Return the cells of the first sheet that show something else than their value, by (row, column) from 0.

    It has at most so many rows and columns, else TooFar: whoever reads a sheet lays out all that lies between
    its first and its last cell, and one cell at XFD1048576 would take all memory of the process.

    "nothing": a formula without a result, or an error; "month", "year": a date of which no more is shown;
    "percent". Raises Unreadable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.file_size > LARGEST_PART for part in archive.infolist()):
                raise Unreadable("a part is too large")
            first, *others = _sheets(archive)
            for other in others:
                _refuse_vast(archive, other, rows * columns)
            return dict(_odd(archive, first, rows, columns))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError, IndexError, NotImplementedError) as error:
        raise Unreadable(str(error)) from error


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    """Return a part read as XML; entities stay what they are, and nothing else is opened."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(archive.read(name), parser)


def _sheets(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the parts that hold the sheets, in their order."""
    sheets = _part(archive, "xl/workbook.xml").findall(f".//{MAIN}sheet")
    held_in = {one.get("Id"): one.get("Target", "") for one in _part(archive, "xl/_rels/workbook.xml.rels")}
    wanted = [sheet.get(RELATION) for sheet in sheets]
    if not wanted or not set(wanted) <= set(held_in):
        raise Unreadable("a sheet is not there")
    return [posixpath.normpath(posixpath.join("/xl", held_in[one])).lstrip("/") for one in wanted]


def _refuse_vast(archive: zipfile.ZipFile, sheet: str, most: int) -> None:
    """Raise TooFar where another sheet, of which only the header is looked at, would take too much memory."""
    last_row = last_column = 0
    with archive.open(sheet) as part:
        for place, cell in _cells(part):
            if len(cell) or cell.text:
                last_row, last_column = max(last_row, place[0]), max(last_column, place[1])
                if (last_row + 1) * (last_column + 1) > most:
                    raise TooFar(named(place))
            cell.clear()


def _kinds_of_styles(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield for each cell style what its number format leaves of a value: all (""), month, year, percent."""
    if "xl/styles.xml" not in archive.namelist():
        return
    styles = _part(archive, "xl/styles.xml")
    formats = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in styles.iter(f"{MAIN}numFmt")
    }
    for cell in styles.findall(f"./{MAIN}cellXfs/{MAIN}xf"):
        number = int(cell.get("numFmtId", "0"))
        yield kind_of_format(formats[number]) if number in formats else _known(number)


def _known(number: int) -> str:
    return "month" if number in MONTH_ONLY else "percent" if number in PERCENT else ""


def kind_of_format(code: str) -> str:
    """Return what a number format leaves of a value."""
    shown = NOT_SHOWN.sub("", code.split(";")[0]).lower()
    if "general" in shown:
        return ""
    if "%" in shown:
        return "percent"
    if "y" in shown and not re.search("[dhs]", shown):
        return "month" if "m" in shown else "year"
    return ""


def _odd(archive: zipfile.ZipFile, sheet: str, rows: int, columns: int) -> Iterator[tuple[Place, str]]:
    kinds = list(_kinds_of_styles(archive))
    with archive.open(sheet) as part:
        for place, cell in _cells(part):
            failed = cell.get("t") == "e"
            value, formula = cell.find("{*}v"), cell.find("{*}f") is not None
            if (place[0] >= rows or place[1] >= columns) and (len(cell) or cell.text):
                raise TooFar(named(place))
            uncounted = formula and (value is None or value.text is None)
            style = int(cell.get("s", "0"))
            kind = kinds[style] if style < len(kinds) and cell.get("t", "n") == "n" else ""
            # A formula may well say "": then its type is a text, and nothing is what it shows.
            if failed or (uncounted and cell.get("t", "n") != "str"):
                kind = "nothing"
            if kind:
                yield place, kind
            cell.clear()


def _cells(part: Any) -> Iterator[tuple[Place, Any]]:
    """Yield the cells of a sheet with their places; one that names none stands behind the one before."""
    line = column = -1
    tags, events = ("{*}row", "{*}c"), ("start", "end")
    for event, one in etree.iterparse(part, events, tag=tags, resolve_entities=False, no_network=True):
        is_cell = one.tag.endswith("}c")
        if event == "start" and not is_cell:
            line, column = int(one.get("r", line + 2)) - 1, -1
        elif event == "end" and is_cell:
            named_so = one.get("r")
            found = PLACE.fullmatch(named_so.upper()) if named_so else None
            if named_so and not found:
                raise Unreadable(f"there is no cell {named_so}")
            line, column = (int(found[2]) - 1, _column(found[1])) if found else (line, column + 1)
            yield (line, column), one


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def named(place: Place) -> str:
    """Return how Excel names a cell: B7."""
    line, column = place
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line + 1}"


def as_shown(value: Any, kind: str) -> str | None:
    """Return the text that a cell shows, None where its value says it itself."""
    if kind == "percent" and isinstance(value, float | int):
        return f"{value * 100:.10g}%"
    if kind in ("month", "year") and isinstance(value, date):
        return f"{value:%Y-%m}" if kind == "month" else f"{value:%Y}"
    return None
