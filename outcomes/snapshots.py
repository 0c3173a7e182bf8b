"""Snapshots: made from a lock once, made again and compared, found, and handed out file by file."""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from audit import clock
from audit.actors import Actor
from audit.context import acting, record_event
from outcomes.models import Snapshot, SnapshotFile, SnapshotRebuild
from sites.access import require
from sites.roles import Action
from visits.models import Lock


class NotLocked(Exception):
    """The lock does not stand, or is a freeze: what it covers may have changed since, or change yet."""


class Damaged(Exception):
    """A stored file is not what was stored."""


def build_snapshot(lock_id: uuid.UUID, *, by: Actor) -> Snapshot:
    """Make and keep the snapshot of a standing lock; the one that is there already, where there is one."""
    from outcomes.datasets.build import build

    lock = Lock.objects.select_related("subject", "page", "visit").get(pk=lock_id)
    known = Snapshot.objects.filter(lock=lock).first()
    if known is not None:
        return known
    if lock.released_at is not None or lock.kind != Lock.Kind.LOCKED:
        raise NotLocked(str(lock_id))
    built = build(lock)
    with acting(by=by):
        snapshot = Snapshot.objects.create(
            lock=lock,
            name=built.name,
            manifest=built.manifest,
            sha256=built.manifest_file.sha256,
            subjects=built.subjects,
            values=built.values,
            built_at=clock.now(),
        )
        SnapshotFile.objects.bulk_create(
            SnapshotFile(
                snapshot=snapshot,
                name=file.name,
                title_en=file.title.en,
                title_zh=file.title.zh,
                content=file.content,
                sha256=file.sha256,
                size=len(file.content),
                rows=file.rows,
                columns=file.columns,
            )
            for file in built.files
        )
    return snapshot


def rebuild(snapshot: Snapshot, *, by: Actor) -> SnapshotRebuild:
    """Make a snapshot's files anew from the locked data and compare every byte; the finding is kept."""
    from outcomes.datasets.build import build
    from outcomes.datasets.provenance import Provenance

    lock = Lock.objects.select_related("subject", "page", "visit").get(pk=snapshot.lock_id)
    chains = _content(snapshot, "_chains.csv").decode().splitlines()[1:]
    heads = tuple((chain, int(n)) for chain, n, _hash in (line.split(",") for line in chains))
    manifest = snapshot.manifest
    again = build(
        lock,
        known=Provenance(
            code=manifest["code"],
            configuration=manifest["study_configuration"],
            transaction=manifest["transaction"]["snapshot"],
            heads=heads,
        ),
    )
    stored = {name: bytes(content) for name, content in snapshot.files.values_list("name", "content")}
    made = {file.name: file.content for file in again.files}
    differing = sorted(name for name in stored.keys() | made.keys() if stored.get(name) != made.get(name))
    with acting(by=by):
        return SnapshotRebuild.objects.create(
            snapshot=snapshot,
            at=clock.now(),
            by_name=by.name,
            identical=not differing,
            differing=differing,
        )


def _content(snapshot: Snapshot, ending: str) -> bytes:
    return bytes(snapshot.files.get(name__endswith=ending).content)


def snapshots_visible(*, by: Actor) -> QuerySet[Snapshot]:
    """Return all snapshots, the newest first; PermissionDenied for roles that may not see them."""
    require(by, Action.SNAPSHOT_READ)
    found = Snapshot.objects.select_related("lock__subject", "lock__page")
    return found.order_by("-lock__created_at", "id")


def snapshot_or_404(by: Actor, snapshot_id: uuid.UUID) -> Snapshot:
    """Return a snapshot with its lock."""
    found = snapshots_visible(by=by).filter(pk=snapshot_id).first()
    if found is None:
        raise Http404
    return found


def previous(snapshot: Snapshot) -> Snapshot | None:
    """Return the snapshot before this one of the same page, subject or study."""
    lock = snapshot.lock
    return (
        Snapshot.objects.select_related("lock")
        .filter(lock__level=lock.level, lock__subject=lock.subject_id, lock__page=lock.page_id)
        .filter(lock__created_at__lt=lock.created_at)
        .order_by("-lock__created_at")
        .first()
    )


@dataclass(frozen=True, slots=True)
class FileChange:
    """How a file differs from that of the snapshot before; None where it was not there."""

    name: str
    rows_before: int | None
    rows_now: int | None
    identical: bool

    @property
    def more(self) -> int:
        """How many rows it has more than before."""
        return (self.rows_now or 0) - (self.rows_before or 0)


def changes(snapshot: Snapshot, before: Snapshot) -> list[FileChange]:
    """Compare the data files of two snapshots by their manifests; the names without the day and the scope."""
    then, now = _files(before), _files(snapshot)
    return [
        FileChange(
            name,
            then.get(name, {}).get("rows"),
            now.get(name, {}).get("rows"),
            then.get(name, {}).get("sha256") == now.get(name, {}).get("sha256"),
        )
        for name in sorted(then.keys() | now.keys())
        if name != "chains"
    ]


def _files(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {short_name(file["name"]): file for file in snapshot.manifest["files"]}


def short_name(name: str) -> str:
    """Return what a file holds: dm of DEFIER_INTERIM_20280914_study_dm.csv."""
    return name.rsplit("_", 1)[-1].rsplit(".", 1)[0]


def taken(snapshot: Snapshot, name: str, *, by: Actor) -> bytes:
    """Return a file after checking its hash, and record who took it; Http404 where there is none."""
    require(by, Action.SNAPSHOT_DOWNLOAD)
    file = snapshot.files.filter(name=name).first()
    if file is None:
        raise Http404
    content = _sound(file)
    _record(snapshot, by=by, file=file.name, sha256=file.sha256)
    return content


def taken_whole(snapshot: Snapshot, *, by: Actor) -> Iterator[bytes]:
    """Yield a zip archive of all files, one file at a time in memory; every time in it is the lock's."""
    require(by, Action.SNAPSHOT_DOWNLOAD)
    _record(snapshot, by=by, file=f"{snapshot.name}.zip", sha256=snapshot.sha256)
    return _zipped(snapshot)


def _zipped(snapshot: Snapshot) -> Iterator[bytes]:
    sink = _Sink()
    at = snapshot.lock.created_at.astimezone(clock.ZONE)
    with zipfile.ZipFile(sink, "w") as archive:
        for key in snapshot.files.order_by("name").values_list("pk", flat=True):
            file = SnapshotFile.objects.get(pk=key)
            info = zipfile.ZipInfo(f"{snapshot.name}/{file.name}", at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, _sound(file), compresslevel=6)
            yield sink.drained()
    yield sink.drained()


def _sound(file: SnapshotFile) -> bytes:
    content = bytes(file.content)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Damaged(file.name)
    return content


def _record(snapshot: Snapshot, *, by: Actor, file: str, sha256: str) -> None:
    detail = {"snapshot": str(snapshot.pk), "lock": str(snapshot.lock_id), "file": file, "sha256": sha256}
    with transaction.atomic():
        record_event("snapshot_taken", by=by, detail=detail)


class _Sink:
    """Where zipfile writes when nothing can be sought: bytes wait here until they are sent."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to flush: the reader drains."""

    def close(self) -> None:
        """Nothing to close."""

    def drained(self) -> bytes:
        """Return what has been written since, and forget it."""
        found, self.waiting = b"".join(self.waiting), []
        return found
