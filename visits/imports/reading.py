"""Reading a file into a table of texts, as they stand in it; nothing is guessed (EDQ-02)."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from protocol.words import Bilingual, T
from visits.imports import shown

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_CELL = 4_000
ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
ZIP, CSV = "xlsx", "csv"

Table = list[list[str]]


class FileRefused(ValueError):
    """The file cannot be read as a table; `message` says why and what to do."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


def read_table(name: str, content: bytes, *, encoding: str = "utf-8-sig") -> Table:
    """Return the rows of a CSV file or of a workbook's first sheet as texts, the header first.

    Empty rows are left out at the end only; row numbers stay those of the file. `encoding` (of ENCODINGS) is
    what the person said the CSV is written in. Raises FileRefused.
    """
    if len(content) > LARGEST:
        raise FileRefused(T("The file is larger than 5 MB: split it.", "文件超过 5 MB,请拆分。"))
    if name.lower().endswith(".xlsx"):
        table = _workbook(content)
    elif name.lower().endswith(".csv"):
        table = _csv(content, encoding)
    else:
        raise FileRefused(T("Only .csv and .xlsx files are read.", "仅支持 .csv 和 .xlsx 文件。"))
    while table and not any(table[-1]):
        table.pop()
    _refuse_shape(table)
    width = len(table[0])
    return [row + [""] * (width - len(row)) for row in table]


def _csv(content: bytes, encoding: str) -> Table:
    if encoding not in ENCODINGS:
        raise FileRefused(T("Say which encoding the file is written in.", "请选择文件编码。"))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(
            T(
                "The file is not in that encoding. Excel in China saves CSV in GB18030: choose that one.",
                "文件不是该编码。中文版 Excel 保存的 CSV 为 GB18030 编码,请改选。",
            )
        ) from error
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise FileRefused(
            T(
                "The file is not a CSV file: a quotation mark is not closed.",
                "文件不是有效的 CSV:引号未闭合。",
            )
        ) from error
    return [[cell.strip() for cell in row] for row in rows]


def _workbook(content: bytes) -> Table:
    try:
        odd = shown.odd_cells(content, rows=MOST_ROWS + 1, columns=MOST_COLUMNS)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
        unread = _sheets_alike(workbook, rows[:1])
    except shown.TooFar as far:
        raise FileRefused(
            Bilingual(
                f"Cell {far.place} is not empty: only {MOST_ROWS} rows of {MOST_COLUMNS} columns are read.",
                f"单元格{far.place}有内容：最多读取{MOST_ROWS}行、{MOST_COLUMNS}列。",
            )
        ) from far
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise FileRefused(T("The workbook cannot be opened.", "无法打开该工作簿。")) from error
    if unread:
        raise FileRefused(
            Bilingual(
                f"Only the first sheet is read. It is hidden, or another has the same columns: {unread[0]}.",
                f"仅读取第一个工作表；它被隐藏，或另有列名相同的工作表：{unread[0]}。",
            )
        )
    blank = sorted(shown.named(place) for place, kind in odd.items() if kind == "nothing")
    if blank:
        cells = ", ".join(blank[:5])
        raise FileRefused(
            Bilingual(
                f"Cells that hold an error, or a formula without a result: {cells}. Put values there.",
                f"单元格为错误值或未计算的公式：{cells}。请改为数值。",
            )
        )
    if any(first[0] < len(rows) for first, _last in sheet.merged_cell_ranges or ()):
        raise FileRefused(
            T(
                "Cells are merged: only the first of them holds the value. Unmerge them and fill each.",
                "表中有合并单元格，仅首格有值。请取消合并并逐格填写。",
            )
        )
    return [
        [_as_text(cell, odd.get((line, column), "")) for column, cell in enumerate(row)]
        for line, row in enumerate(rows)
    ]


def _sheets_alike(workbook: CalamineWorkbook, header: list[list[Any]]) -> list[str]:
    """Return the sheets that somebody may believe to be read: a hidden first one, others with its columns."""
    first, *others = workbook.sheets_metadata
    alike = [] if first.visible == SheetVisibleEnum.Visible else [first.name]
    for number, other in enumerate(others, start=1):
        same = header and workbook.get_sheet_by_index(number).to_python(nrows=1)[:1] == header
        alike += [other.name] if same else []
    return alike


def _as_text(cell: Any, kind: str = "") -> str:
    """Return a cell as it would be typed: whole numbers without a point, dates year first.

    `kind` says what its number format leaves of the value, so that a month does not become a day.
    """
    if kind:
        text = shown.as_shown(cell, kind)
        if text is not None:
            return text
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time.min
        return cell.date().isoformat() if midnight else cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def _refuse_shape(table: Table) -> None:
    if len(table) < 2:
        raise FileRefused(T("The file holds no rows below its header.", "文件中标题行以下没有数据。"))
    if len(table) > MOST_ROWS + 1:
        raise FileRefused(
            Bilingual(
                f"The file holds more than {MOST_ROWS} rows: split it.", f"文件超过 {MOST_ROWS} 行,请拆分。"
            )
        )
    header = table[0]
    if any("\x00" in name for name in header):
        raise FileRefused(T("The first row must name the columns.", "第一行须为列名。"))
    named = [name for name in header if name]
    if len(header) > MOST_COLUMNS or not named:
        raise FileRefused(T("The first row must name the columns.", "第一行须为列名。"))
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise FileRefused(Bilingual(f"Two columns are named {twice[0]!r}.", f"有两列同名:{twice[0]}。"))
    for number, row in enumerate(table[1:], start=2):
        if len(row) > len(header):
            raise FileRefused(
                Bilingual(
                    f"Row {number} has more cells than the header has columns.",
                    f"第 {number} 行的单元格多于列数。",
                )
            )
        if any("\x00" in cell for cell in row):
            raise FileRefused(
                Bilingual(
                    f"A cell of row {number} holds a character that cannot be stored (U+0000).",
                    f"第 {number} 行有无法保存的字符(U+0000)。",
                )
            )
        long = next((cell for cell in row if len(cell) > LONGEST_CELL), None)
        if long is not None:
            raise FileRefused(
                Bilingual(f"A cell of row {number} is too long.", f"第 {number} 行有单元格内容过长。")
            )
