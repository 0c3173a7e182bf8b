"""Snapshots in the browser: the list, one with its files, manifest and changes, and the files themselves."""

from __future__ import annotations

import json
import uuid

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from outcomes import snapshots
from outcomes.models import Snapshot
from protocol.words import Bilingual
from sites.access import Request, can, needs
from sites.rates import limited
from sites.roles import Action

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@needs(Action.SNAPSHOT_READ)
@require_safe
def snapshot_list(request: Request) -> HttpResponse:
    """List all snapshots with what they cover, their counts, hash, and the last rebuild."""
    found = list(snapshots.snapshots_visible(by=request.actor).prefetch_related("rebuilds"))
    return render(request, "snapshots/list.html", {"snapshots": [_told(one) for one in found]})


@needs(Action.SNAPSHOT_READ)
@require_safe
def snapshot(request: Request, snapshot_id: uuid.UUID) -> HttpResponse:
    """Show a snapshot: files and hashes, where it comes from, what changed since the one before."""
    found = snapshots.snapshot_or_404(request.actor, snapshot_id)
    before = snapshots.previous(found)
    files = found.files.defer("content")
    changed = snapshots.changes(found, before) if before else []
    context = {
        **_told(found),
        "files": [
            {"file": file, "title": Bilingual(file.title_en, file.title_zh), "short": _short(file.name)}
            for file in files
        ],
        "bytes": sum(file.size for file in files),
        "before": before,
        "changes": changed,
        "same": sum(change.identical for change in changed),
        "may_download": can(request.actor, Action.SNAPSHOT_DOWNLOAD),
        "manifest": json.dumps(found.manifest, ensure_ascii=False, indent=1, sort_keys=True),
    }
    return render(request, "snapshots/snapshot.html", context)


@limited("export")
@needs(Action.SNAPSHOT_DOWNLOAD)
@require_safe
@never_cache
def snapshot_file(
    request: Request, snapshot_id: uuid.UUID, name: str
) -> HttpResponse | StreamingHttpResponse:
    """Hand out one file, or everything as `<snapshot>.zip`; each is recorded."""
    found = snapshots.snapshot_or_404(request.actor, snapshot_id)
    response: HttpResponse | StreamingHttpResponse
    if name == f"{found.name}.zip":
        response = StreamingHttpResponse(
            snapshots.taken_whole(found, by=request.actor), content_type="application/zip"
        )
    else:
        content = snapshots.taken(found, name, by=request.actor)
        response = HttpResponse(content, content_type=TYPES[name.rsplit(".", 1)[-1]])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _told(found: Snapshot) -> dict[str, object]:
    lock = found.lock
    if lock.subject is None:
        covers = Bilingual("Study", "全研究")
    elif lock.page is None:
        covers = Bilingual(lock.subject.usubjid, lock.subject.usubjid)
    else:
        covers = Bilingual(f"{lock.subject.usubjid}, {lock.page}", f"{lock.subject.usubjid},{lock.page}")
    return {
        "snapshot": found,
        "covers": covers,
        "rebuilt": next(iter(found.rebuilds.all()), None),
        "code": str(found.manifest["code"])[:12],
    }


def _short(name: str) -> str:
    return "manifest" if name.endswith(".json") else snapshots.short_name(name)
