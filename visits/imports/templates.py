"""An empty file to fill in, one per form: a column per item, and a second sheet that says what each takes."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import xlsxwriter

from protocol.codelists import MISSR
from visits.crfs import FORMS
from visits.imports.columns import places_of, targets
from visits.items import CodeItem, Item, MultiCodeItem

# The same file every time it is asked for.
MADE = datetime(2026, 1, 1)


def as_csv(form: str) -> bytes:
    """Return the header of a form's template as CSV in UTF-8, readable by Excel."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([target.code for target in targets(form)])
    return text.getvalue().encode("utf-8-sig")


def as_workbook(form: str) -> bytes:
    """Return a form's template as a workbook: cells are text, so that Excel changes nothing typed into it."""
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"created": MADE})
        as_typed = book.add_format({"num_format": "@"})
        strong = book.add_format({"bold": True, "num_format": "@"})
        rows, columns = book.add_worksheet(form), book.add_worksheet("Columns 列说明")
        for at, target in enumerate(targets(form)):
            rows.set_column(at, at, 18, as_typed)
            rows.write_string(0, at, target.code, strong)
        rows.freeze_panes(1, len(places_of(form)))
        columns.set_column(0, 0, 22)
        columns.set_column(1, 3, 46)
        for at, words in enumerate(("Column 列", "English", "中文", "Takes 可填")):
            columns.write_string(0, at, words, strong)
        items = FORMS[form].items()
        for line, target in enumerate(targets(form), start=1):
            item = items.get(target.code)
            told = (target.code, target.label.en, target.label.zh, takes(item) if item else "")
            for at, words in enumerate(told):
                columns.write_string(line, at, words)
    return made.getvalue()


def takes(item: Item) -> str:
    """Return in words what a cell of an item may hold."""
    if isinstance(item, CodeItem | MultiCodeItem):
        said = "; ".join(f"{term.code} = {term.label.en} {term.label.zh}" for term in item.codelist.terms)
        if isinstance(item, MultiCodeItem):
            said = f"A; B · {said}"
    else:
        said = {"date": "2026-03-01", "pdate": "2026 / 2026-03 / 2026-03-01", "dt": "2026-03-01 14:05"}.get(
            item.kind, f"{item.kind} {item.unit}".strip()
        )
    if item.accepts_missing:
        said += " · " + " ".join(f"[{term.code}]" for term in MISSR.terms)
    return said
