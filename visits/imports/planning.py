"""What the rows of a file would do to the pages: add, repeat, correct their own source, or disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from audit import clock
from protocol.schedule import LOGS
from protocol.words import T
from visits.capture.entry import PageEntry
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.imports.columns import ROW_KEY
from visits.imports.records import Import, ImportedRow
from visits.imports.rows import CellProblem, FileRow, placed, read_cells
from visits.pages.choices import choices_for


@dataclass(slots=True)
class Planned:
    """What a row would do: the entry it makes (None where all of it stands already), and to which page."""

    row: FileRow
    entry: PageEntry | None
    outcome: str
    was: dict[str, dict[str, str]]


def file_rows(staged: Import) -> Iterator[tuple[FileRow, dict[str, str]]]:
    """Yield each filled row with its cells by target; rows are numbered as in the file."""
    header = staged.file.table[0]
    for number, texts in enumerate(staged.file.table[1:], start=2):
        if any(texts):
            cells = {
                staged.columns[name]: text
                for name, text in zip(header, texts, strict=True)
                if staged.columns.get(name)
            }
            yield placed(staged.form, number, cells, log=staged.form in LOGS), cells


def plan_rows(staged: Import, dossier: Dossier, rows: Sequence[FileRow]) -> list[Planned]:
    """Set one subject's rows beside what stands; what is wrong is noted on the rows."""
    crf = FORMS[staged.form]
    headers = {code: name for name, code in staged.columns.items() if code}
    cells = {row.number: found for row, found in file_rows(staged)}
    choices = choices_for(crf, dossier)
    loaded = _loaded_before(staged, dossier)
    planned, seen = [], set()
    for row in rows:
        read_cells(staged.form, row, cells[row.number], headers, choices=choices, today=clock.today())
        place = (row.visit, *(str(row.values.get(name)) for name in _key_of(staged.form, row)))
        if place in seen:
            row.problems.append(
                CellProblem(
                    row.number, "", T("The same record stands twice in the file.", "文件中有重复记录。")
                )
            )
        seen.add(place)
        planned.append(_planned(staged, dossier, row, headers, loaded))
    return planned


def _key_of(form: str, row: FileRow) -> tuple[str, ...]:
    """Return the items that tell rows apart: the form's key, else all that the row says."""
    if not FORMS[form].repeating:
        return ()
    return ROW_KEY.get(form, tuple(sorted(row.values)))


def _loaded_before(staged: Import, dossier: Dossier) -> dict[UUID, int]:
    """Return the pages that the same source has loaded, with the revision that they had then."""
    rows = ImportedRow.objects.filter(subject_id=dossier.subject.pk, of__source=staged.source)
    return dict(rows.order_by("at", "revision").values_list("page_id", "revision"))


def _planned(
    staged: Import, dossier: Dossier, row: FileRow, headers: dict[str, str], loaded: dict[UUID, int]
) -> Planned:
    """Set a row beside the page that it names: new, the same, a correction, or a disagreement."""
    page = _standing(staged.form, dossier, row)
    entry = PageEntry(
        subject_id=dossier.subject.pk,
        form=staged.form,
        visit=row.visit,
        values=row.values,
        missing=row.missing,
        raw=row.raw,
    )
    if page is None:
        return Planned(row, entry, "new", {})
    differing = [name for name in row.values if page.get(name) != row.values[name]]
    differing += [name for name, reason in row.missing.items() if page.missing.get(name) != reason]
    if not differing:
        return Planned(row, None, "same", {})
    stand = [name for name in differing if page.get(name) is not None or name in page.missing]
    items = FORMS[staged.form].items()
    was = {
        headers[name]: {language: items[name].show(page.get(name), language) for language in ("en", "zh")}
        for name in stand
    }
    if stand and loaded.get(page.id) != page.revision:
        words = T(
            "A person entered another value: no import changes it.", "此值由人员录入且不一致,导入不会更改。"
        )
        row.problems += [CellProblem(row.number, headers[name], words) for name in stand]
    return Planned(row, replace(entry, page_id=page.id, revision=page.revision), "changed", was)


def _standing(form: str, dossier: Dossier, row: FileRow) -> PageRecord | None:
    pages = [page for page in dossier.at(row.visit, form) if not page.removed]
    key = _key_of(form, row)
    return next((page for page in pages if all(page.get(name) == row.values.get(name) for name in key)), None)
