"""A row of a file read as an entry: each cell by its item, as if a person had typed it (EDQ-10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from protocol.codelists import MISSR
from protocol.schedule import VISIT
from protocol.words import Bilingual, T
from visits.capture.forms import Choice
from visits.crfs import FORMS
from visits.imports.columns import SUBJECT
from visits.imports.columns import VISIT as VISIT_COLUMN
from visits.items import CodeItem, ConfirmNeeded, Item, ItemRefused, MultiCodeItem, RefItem, TextItem

MISSING = re.compile(r"\[\s*([^\]]+?)\s*\]")
UNSCHEDULED = re.compile(r"UNS[1-9][0-9]?")
Choices = Mapping[str, Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why a cell (or, without a column, a row) cannot be taken."""

    row: int
    column: str
    message: Bilingual


@dataclass(slots=True)
class FileRow:
    """One row: where it belongs, what each of its cells says, and what is wrong with it."""

    number: int
    subject: str
    visit: str | None
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)


def placed(form: str, number: int, cells: Mapping[str, str], *, log: bool) -> FileRow:
    """Return a row with its place read and nothing else; `cells` maps targets to texts."""
    visit = None if log else cells.get(VISIT_COLUMN, "").strip()
    row = FileRow(number, cells.get(SUBJECT, "").strip(), visit)
    if visit is not None and not _is_visit(visit):
        by_label = {
            word: code for code, at in VISIT.items() if code != "UNS" for word in (at.label.en, at.label.zh)
        }
        row.visit = by_label.get(visit)
        if row.visit is None:
            row.problems.append(
                CellProblem(number, VISIT_COLUMN, T("No such visit in the schedule.", "访视计划中无此访视。"))
            )
    return row


def _is_visit(code: str) -> bool:
    return (code in VISIT and code != "UNS") or bool(UNSCHEDULED.fullmatch(code))


def read_cells(
    form: str,
    row: FileRow,
    cells: Mapping[str, str],
    headers: Mapping[str, str],
    *,
    choices: Choices,
    today: date,
) -> None:
    """Read the cells of a row into it; an empty cell says nothing, [ND] or its words a missing reason.

    `headers` maps items to the file's own column names, for the problems. `choices`: what references may be.
    """
    for name, item in FORMS[form].items().items():
        text = cells.get(name, "")
        if not text.strip():
            continue
        try:
            reason = _reason(item, text)
            if reason:
                row.missing[name] = reason
                continue
            value, raw = _value(item, text, choices.get(name, ()), today)
            row.values[name] = value
            if raw:
                row.raw[name] = raw
        except ItemRefused as refused:
            row.problems.append(CellProblem(row.number, headers.get(name, name), refused.message))


def _reason(item: Item, text: str) -> str:
    match = MISSING.fullmatch(text.strip())
    if match is None:
        return ""
    code = _coded(match[1], ((term.code, term.label) for term in MISSR.terms))
    if code is None or not item.accepts_missing:
        raise ItemRefused(
            "missing", T("This is no missing reason that the item takes.", "该项目不接受此缺失原因。")
        )
    return code


def _value(item: Item, text: str, choices: Sequence[Choice], today: date) -> tuple[Any, str]:
    if isinstance(item, MultiCodeItem):
        parts = [part for part in re.split("[;；]", text) if part.strip()]
        return item.clean([_term(item, part) for part in parts], today=today), ""
    if isinstance(item, CodeItem):
        return item.clean(_term(item, text), today=today), ""
    if isinstance(item, RefItem):
        code = _coded(text, ((choice.code, choice.label) for choice in choices))
        if code is None:
            raise ItemRefused("choice", T("There is no such record for this subject.", "该受试者无此记录。"))
        return code, ""
    try:
        parsed = item.parse(text, today=today)
    except ConfirmNeeded as asked:
        raise ItemRefused(
            "confirm",
            Bilingual(
                f"Full-width characters: write {asked.suggestion}.", f"含全角字符,请改为 {asked.suggestion}。"
            ),
        ) from asked
    kinds = item.identifying(parsed.value) if isinstance(item, TextItem) else None
    if kinds is not None:
        raise ItemRefused(
            "identifying",
            Bilingual(f"The text may hold {kinds.en}: take it out.", f"文本可能含有{kinds.zh},请删除。"),
        )
    return parsed.value, parsed.raw or ""


def _term(item: CodeItem | MultiCodeItem, text: str) -> str:
    terms = item.codelist.terms
    return _coded(text, ((term.code, term.label) for term in terms)) or text.strip()


def _coded(text: str, known: Iterable[tuple[str, Bilingual]]) -> str | None:
    """Return the code that a text names: the code itself, or its words in either language."""
    wanted = text.strip().casefold()
    for code, label in known:
        if wanted in (code.casefold(), label.en.casefold(), label.zh.casefold()):
            return code
    return None
