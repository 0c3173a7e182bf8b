"""Imports in the browser: hand a file in, say which column is what, look at what it would do, load it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sites.access import Request, can, needs, require
from sites.roles import Action
from visits.capture.forms import in_both
from visits.crfs import FORMS
from visits.imports import staging, templates
from visits.imports.columns import IMPORTED, problems_of, targets
from visits.imports.reading import ENCODINGS, LARGEST, FileRefused
from visits.imports.records import Import
from visits.imports.staging import NotStaged, import_or_404, imports_visible

PER_PAGE = 50
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWS = ("problems", "changed", "new", "same")


@needs(Action.IMPORT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: Request) -> HttpResponse:
    """List the files that were handed in; POST takes one in."""
    if request.method != "POST":
        return _list(request)
    require(request.actor, Action.IMPORT)
    sent = request.FILES.get("file")
    if sent is None:
        return _list(request, problem=_("Choose a file. Nothing was taken in."), status=422)
    if sent.size and sent.size > LARGEST:
        return _list(request, problem=_("The file is larger than 5 MB: split it."), status=422)
    try:
        staged = staging.stage(
            form=request.POST.get("form", ""),
            source=request.POST.get("source", ""),
            name=str(sent.name),
            content=sent.read(),
            encoding=request.POST.get("encoding", ""),
            by=request.actor,
        )
    except FileRefused as refused:
        return _list(request, problem=in_both(refused.message), status=422)
    return redirect("import", staged.pk)


def _list(request: Request, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = imports_visible(by=request.actor)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "forms": [(form, FORMS[form].title) for form in IMPORTED],
        "encodings": ENCODINGS.items(),
        "may_import": can(request.actor, Action.IMPORT),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "imports/list.html", context, status=status)


@needs(Action.IMPORT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def one_import(request: Request, import_id: uuid.UUID) -> HttpResponse:
    """Show a file: its columns, what it would do row by row, and what it did; POST takes the next step."""
    staged = import_or_404(import_id, by=request.actor)
    if request.method != "POST":
        return _show(request, staged)
    require(request.actor, Action.IMPORT)
    act = request.POST.get("act", "")
    if act not in ("check", "load", "discard"):
        raise Http404
    try:
        return _act(request, staged, act)
    except NotStaged as refused:
        return _show(request, staged, [in_both(problem) for problem in refused.problems], status=409)


def _act(request: Request, staged: Import, act: str) -> HttpResponse:
    if act == "discard":
        staging.discard(staged=staged, by=request.actor)
        messages.success(request, _("Discarded. Nothing of the file was loaded."))
        return redirect("imports")
    if act == "load":
        return redirect("job", staging.ask_for_load(staged=staged, by=request.actor).pk)
    header = [name for name in staged.file.table[0] if name]
    chosen = {name: request.POST.get(f"column-{at}", "") for at, name in enumerate(header)}
    staging.map_columns(staged=staged, columns=chosen, by=request.actor)
    return redirect("job", staging.ask_for_check(staged=staged, by=request.actor).pk)


def _show(
    request: Request, staged: Import, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    counts = staged.counts
    first = "problems" if counts.get("problems") else "changed" if counts.get("changed") else "new"
    show = request.GET.get("show", first)
    if show not in SHOWS:
        raise Http404
    outcome = "refused" if show == "problems" else show
    rows = [row for row in staged.file.findings if row["outcome"] == outcome]
    header = [name for name in staged.file.table[0] if name]
    by_label = {target.code: target.label for target in targets(staged.form)}
    open_still = staged.state in (Import.State.STAGED, Import.State.CHECKED)
    context: dict[str, Any] = {
        "staged": staged,
        "title": FORMS[staged.form].title,
        "columns": [(at, name, staged.columns.get(name, "")) for at, name in enumerate(header)],
        "targets": by_label.items(),
        "example": dict(zip(staged.file.table[0], staged.file.table[1], strict=True)),
        "mapping_problems": [in_both(p) for p in problems_of(staged.form, staged.columns)]
        if open_still
        else [],
        "problems": problems or [],
        "open": open_still,
        "may_import": can(request.actor, Action.IMPORT) and open_still,
        "may_load": staged.state == Import.State.CHECKED and not counts.get("problems"),
        "show": show,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "loaded_before": Import.objects.filter(sha256=staged.sha256, state=Import.State.LOADED)
        .exclude(pk=staged.pk)
        .first(),
    }
    return render(request, "imports/import.html", context, status=status)


@needs(Action.IMPORT_READ)
@require_safe
def import_template(request: Request, form: str, kind: str) -> HttpResponse:
    """Return an empty file of a form to fill in, as CSV or as a workbook."""
    if form not in IMPORTED or kind not in ("csv", "xlsx"):
        raise Http404
    made = templates.as_csv(form) if kind == "csv" else templates.as_workbook(form)
    answer = HttpResponse(made, content_type="text/csv; charset=utf-8" if kind == "csv" else SHEET)
    answer["Content-Disposition"] = f'attachment; filename="defier-{form}.{kind}"'
    return answer
