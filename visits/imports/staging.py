"""Handing a file in, saying which column is what, and putting it away again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping

from django.db.models import QuerySet
from django.http import Http404

from audit import jobs
from audit.actors import Actor
from audit.context import acting
from audit.models import Job
from protocol import privacy
from protocol.words import Bilingual, T
from sites.access import require
from sites.roles import Action
from visits.imports.columns import IMPORTED, problems_of, proposed, targets
from visits.imports.reading import FileRefused, read_table
from visits.imports.records import Import, ImportFile

LONGEST_NAME = 120
State = Import.State
# What may follow what: from which states, to which. Nothing leads out of LOADED and DISCARDED.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "map": (frozenset({State.CHECKED}), State.STAGED),
    "check": (frozenset({State.STAGED}), State.CHECKED),
    "load": (frozenset({State.CHECKED}), State.LOADED),
    "discard": (frozenset({State.STAGED, State.CHECKED}), State.DISCARDED),
}
OPEN = frozenset({State.STAGED, State.CHECKED})


class NotStaged(ValueError):
    """The import is not in a state, or its columns are not mapped so, that this can be done."""

    def __init__(self, problems: list[Bilingual]) -> None:
        super().__init__("; ".join(problem.en for problem in problems))
        self.problems = problems


def stage(*, form: str, source: str, name: str, content: bytes, encoding: str, by: Actor) -> Import:
    """Take a file in for one form; nothing of it is in the record yet.

    Raises PermissionDenied, and FileRefused for what is no table, names a person in its file name, or has no
    source. Columns are mapped as the same source had them before, else by their headers.
    """
    require(by, Action.IMPORT)
    if form not in IMPORTED:
        raise FileRefused(T("This form is not loaded from files.", "该表单不支持文件导入。"))
    if not source.strip():
        raise FileRefused(T("Say where the file comes from.", "请填写文件来源。"))
    if privacy.screen(name) or privacy.screen(source):
        raise FileRefused(
            T(
                "The name of the file or source may identify a person: rename it.",
                "文件名或来源可能识别个人,请改名。",
            )
        )
    table = read_table(name, content, encoding=encoding)
    before = Import.objects.filter(form=form, source=source.strip()).first()
    with acting(by=by):
        staged = Import.objects.create(
            form=form,
            source=source.strip()[:80],
            file_name=name[-LONGEST_NAME:],
            sha256=hashlib.sha256(content).hexdigest(),
            columns=proposed(form, table[0], before=before.columns if before else {}),
            by_id=by.user_id or "",
            by_name=by.name,
        )
        ImportFile.objects.create(of=staged, content=content, table=table)
    return staged


def imports_visible(*, by: Actor) -> QuerySet[Import]:
    """Return the imports that this person may see, newest first."""
    require(by, Action.IMPORT_READ)
    return Import.objects.all()


def import_or_404(import_id: uuid.UUID, *, by: Actor) -> Import:
    """Return an import with its file."""
    found = imports_visible(by=by).select_related("file").filter(pk=import_id).first()
    if found is None:
        raise Http404
    return found


def map_columns(*, staged: Import, columns: Mapping[str, str], by: Actor) -> None:
    """Say which column is what; what an earlier check found no longer holds. Raises NotStaged."""
    require(by, Action.IMPORT)
    _must_be_open(staged)
    allowed = {target.code for target in targets(staged.form)} | {""}
    header = [name for name in staged.file.table[0] if name]
    staged.columns = {name: code if (code := columns.get(name, "")) in allowed else "" for name in header}
    staged.state, staged.counts = MOVES["map"][1], {}
    with acting(by=by):
        staged.save(update_fields=["columns", "state", "counts"])


def ask_for_check(*, staged: Import, by: Actor) -> Job:
    """Ask for the check as a job. Raises NotStaged where the columns cannot be used."""
    require(by, Action.IMPORT)
    _must_be_open(staged)
    problems = problems_of(staged.form, staged.columns)
    if problems:
        raise NotStaged(problems)
    with acting(by=by):
        return jobs.enqueue("check_import", by=by, args={"staged": staged.pk})


def ask_for_load(*, staged: Import, by: Actor) -> Job:
    """Ask for the load as a job. Raises NotStaged unless the file was checked and holds no problem."""
    require(by, Action.IMPORT)
    _must_be_open(staged)
    if staged.state not in MOVES["load"][0] or staged.counts.get("problems"):
        raise NotStaged([T("Check the file first; it must hold no problem.", "请先检查文件,且不得有问题。")])
    with acting(by=by):
        return jobs.enqueue("load_import", by=by, args={"staged": staged.pk})


def discard(*, staged: Import, by: Actor) -> None:
    """Put a file away that is not to be loaded; the row stays. Raises NotStaged for a loaded one."""
    require(by, Action.IMPORT)
    _must_be_open(staged)
    staged.state = MOVES["discard"][1]
    with acting(by=by):
        staged.save(update_fields=["state"])


def _must_be_open(staged: Import) -> None:
    if staged.state not in OPEN:
        raise NotStaged([T("This file was loaded or discarded already.", "该文件已载入或已弃用。")])
