"""Checking and loading a staged file: the same steps, undone for a check, kept whole for a load (EDQ-10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting, take_chains
from protocol import identifiers
from protocol.words import Bilingual, T
from sites.access import require
from sites.roles import Action
from subjects.fetch import subjects_visible
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.entry import Conflict, Locked, NotSaved, Saved, SaveRefused
from visits.capture.save import store
from visits.imports.columns import SUBJECT
from visits.imports.planning import Planned, file_rows, plan_rows
from visits.imports.records import Import, ImportedRow
from visits.imports.rows import CellProblem, FileRow

Told = Callable[[int, int], None]
Finding = dict[str, Any]
LOCKED = T("Locked: nothing can be loaded here.", "已锁定,无法载入。")


class LoadRefused(Exception):
    """The file could not be loaded as it was checked; nothing of it was."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


def check(staged: Import, *, by: Actor, told: Told = lambda done, total: None) -> None:
    """Run every row of a staged file through the write path, undo it, and keep what was found.

    One transaction per subject, so that nobody waits for the whole file. Raises PermissionDenied.
    """
    require(by, Action.IMPORT)
    findings: list[Finding] = []
    groups = _by_subject(staged, by)
    for number, (subject, rows) in enumerate(groups):
        told(number, len(groups))
        if subject is not None:
            findings += _undone(staged, subject, rows, by=by)
        else:
            findings += [_refused(row) for row in rows]
    findings.sort(key=lambda finding: finding["row"])
    staged.state = Import.State.CHECKED
    staged.counts = _counted(findings)
    staged.file.findings = findings
    with acting(by=by):
        staged.save(update_fields=["state", "counts"])
        staged.file.save(update_fields=["findings"])


def load(staged: Import, *, by: Actor, told: Told = lambda done, total: None) -> None:
    """Load a checked file: every row, or none. Raises PermissionDenied, LoadRefused.

    What it does is counted again and must be what the check has shown; otherwise somebody has saved
    meanwhile, and the file is to be checked again.
    """
    require(by, Action.IMPORT)
    if staged.state != Import.State.CHECKED or staged.counts.get("problems"):
        raise LoadRefused(T("The file was not checked, or holds problems.", "文件未检查或仍有问题。"))
    groups = _by_subject(staged, by)
    known = sorted((subject.pk for subject, _ in groups if subject is not None), key=str)
    findings: list[Finding] = []
    with acting(by=by, reason=_reason(staged)):
        take_chains(subjects=known, study=True)
        for number, (subject, rows) in enumerate(groups):
            told(number, len(groups))
            if subject is not None:
                findings += _done(staged, subject, rows, by=by)
            else:
                findings += [_refused(row) for row in rows]
        counts = _counted(findings)
        if counts != staged.counts or not _reconciled(staged, counts):
            raise LoadRefused(
                T("The study has moved on since the check: check again.", "检查之后数据已有变化,请重新检查。")
            )
        staged.state, staged.loaded_at = Import.State.LOADED, clock.now()
        staged.save(update_fields=["state", "loaded_at"])
        if counts["new"] or counts["changed"]:
            jobs.enqueue("recompute_study", by=by, args={})


def _reconciled(staged: Import, counts: dict[str, int]) -> bool:
    """Whether what is in the tables now adds up to the rows of the file."""
    written = ImportedRow.objects.filter(of=staged).count()
    rows = sum(1 for texts in staged.file.table[1:] if any(texts))
    return written == counts["new"] + counts["changed"] and rows == written + counts["same"]


def _by_subject(staged: Import, by: Actor) -> list[tuple[Subject | None, list[FileRow]]]:
    """Return the rows of the file by subject, subjects in the order of their ids; unknown ones last."""
    groups: dict[str, list[FileRow]] = {}
    for row, _cells in file_rows(staged):
        groups.setdefault(row.subject, []).append(row)
    visible = subjects_visible(by, Action.IMPORT).filter(usubjid__in=groups)
    subjects = {subject.usubjid: subject for subject in visible}
    for name, rows in groups.items():
        if name not in subjects:
            words = _unknown(name)
            for row in rows:
                row.problems.append(CellProblem(row.number, SUBJECT, words))
    known = sorted(subjects.values(), key=lambda subject: str(subject.pk))
    return [(subject, groups[subject.usubjid]) for subject in known] + [
        (None, rows) for name, rows in groups.items() if name not in subjects
    ]


def _unknown(name: str) -> Bilingual:
    if identifiers.is_valid(name):
        return T("There is no such subject.", "没有该受试者。")
    return T("This is no subject number: the check character does not fit.", "受试者编号无效:校验位不符。")


class _Undo(Exception):
    """Takes a check's transaction back."""


def _undone(staged: Import, subject: Subject, rows: Sequence[FileRow], *, by: Actor) -> list[Finding]:
    findings: list[Finding] = []
    try:
        with acting(by=by, reason=_reason(staged)):
            findings = _done(staged, subject, rows, by=by)
            raise _Undo
    except _Undo:
        return findings


def _done(staged: Import, subject: Subject, rows: Sequence[FileRow], *, by: Actor) -> list[Finding]:
    """Store one subject's rows inside the caller's transaction; a subject with a problem stores none."""
    subject = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject.pk)
    dossier = dossiers.load(subject)
    planned = plan_rows(staged, dossier, rows)
    entered = [plan for plan in planned if plan.entry is not None]
    opened = 0
    if not any(row.problems for row in rows) and entered:
        try:
            saved = store(
                subject,
                [plan.entry for plan in entered if plan.entry is not None],
                by=by,
                reason=_reason(staged),
                recompute=False,
                dossier=dossier,
            )
            opened = len(saved.opened)
            _remember(staged, subject, entered, saved)
        except NotSaved as refused:
            _explain(refused, entered, staged)
    findings = [_finding(plan) for plan in planned]
    if findings:
        findings[0]["queries"] = opened
    return findings


def _reason(staged: Import) -> Reason:
    return Reason("SOURCE_CORRECTED", f"{staged.source}, {staged.sha256[:12]}")


def _remember(staged: Import, subject: Subject, entered: Sequence[Planned], saved: Saved) -> None:
    ImportedRow.objects.bulk_create(
        ImportedRow(
            site_id=subject.site_id,
            subject=subject,
            page_id=page.id,
            of=staged,
            row=plan.row.number,
            revision=page.revision,
        )
        for plan, page in zip(entered, saved.pages, strict=True)
    )


def _explain(refused: NotSaved, entered: Sequence[Planned], staged: Import) -> None:
    """Put why a save was refused at the rows and cells that it is about."""
    headers = {code: name for name, code in staged.columns.items() if code}
    if isinstance(refused, SaveRefused):
        for problem in refused.problems:
            row = entered[problem.entry].row
            column = headers.get(problem.item, "")
            row.problems.append(CellProblem(row.number, column, problem.message))
        return
    words = LOCKED
    if isinstance(refused, Conflict):
        words = T("Somebody saved this page meanwhile: check again.", "该页面刚被他人保存,请重新检查。")
    elif not isinstance(refused, Locked):
        words = T("Its answers hide others that hold values.", "该行的答案会隐藏已有数据的项目。")
    for plan in entered:
        plan.row.problems.append(CellProblem(plan.row.number, "", words))


def _finding(plan: Planned) -> Finding:
    finding = _refused(plan.row)
    if not plan.row.problems:
        finding["outcome"] = plan.outcome
    return {**finding, "was": plan.was}


def _refused(row: FileRow) -> Finding:
    problems = [
        {"column": problem.column, "en": problem.message.en, "zh": problem.message.zh}
        for problem in row.problems
    ]
    return {
        "row": row.number,
        "subject": row.subject,
        "visit": row.visit or "",
        "outcome": "refused",
        "problems": problems,
    }


def _counted(findings: Sequence[Finding]) -> dict[str, int]:
    outcomes = Counter(finding["outcome"] for finding in findings)
    return {
        "rows": len(findings),
        "subjects": len({finding["subject"] for finding in findings}),
        "new": outcomes["new"],
        "changed": outcomes["changed"],
        "same": outcomes["same"],
        "problems": sum(len(finding["problems"]) for finding in findings),
        "queries": sum(finding.get("queries", 0) for finding in findings),
    }
