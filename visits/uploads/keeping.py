"""Keeping a file of a subject, having it scanned, and handing it out again to whom it is open (SEC-06)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.utils.module_loading import import_string

from audit import clock, jobs
from audit.actors import Actor
from audit.context import acting, record_event
from protocol import privacy
from protocol.words import T
from sites.gates import require_ready
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits.items.parsing import refuse_broken_text
from visits.items.refusals import ItemRefused
from visits.uploads.checking import UploadRefused, clean
from visits.uploads.records import Upload

State = Upload.State
# What may follow what: a file in quarantine is let out or refused by the scanner, once.
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "clear": (frozenset({State.QUARANTINE}), State.READY),
    "refuse": (frozenset({State.QUARANTINE}), State.REFUSED),
}
Scanner = Callable[[bytes], bool]
NO_LABEL = T("Say in a few words what the file shows.", "请简要说明文件内容。")
NOT_ATTESTED = T(
    "Confirm that nothing in the file identifies the subject.", "请确认文件中无任何可识别受试者身份的内容。"
)


class Damaged(Exception):
    """A kept file is not what was kept."""


def keep(*, subject: Subject, name: str, content: bytes, label: str, attested: bool, by: Actor) -> Upload:
    """Check, clean and keep a file; the same file again is the one that is there.

    `name` tells the type and is forgotten. `attested`: names burnt into the picture were removed. Raises
    PermissionDenied, UploadRefused (recorded, with the reason and never the name).
    """
    require_ready(by, Action.PAGE_SAVE, subject.site_id)
    try:
        said = _said(label, attested)
        cleaned = clean(name, content)
    except UploadRefused as refused:
        detail = {"why": refused.message.en, "size": len(content)}
        record_event("upload_refused", by=by, detail=detail, subject=subject.pk)
        raise
    digest = hashlib.sha256(cleaned.content).hexdigest()
    with acting(by=by):
        Subject.objects.select_for_update(of=("self",)).only("pk").get(pk=subject.pk)
        known = Upload.objects.filter(subject=subject, sha256=digest).first()
        if known is not None:
            return known
        kept = Upload.objects.create(
            site_id=subject.site_id,
            subject=subject,
            kind=cleaned.kind,
            label=said,
            size=len(cleaned.content),
            sha256=digest,
            content=cleaned.content,
            state=State.QUARANTINE if settings.FILE_SCANNER else State.READY,
            by_id=by.user_id or "",
            by_name=by.name,
            at=clock.now(),
        )
        if settings.FILE_SCANNER:
            jobs.enqueue("scan_upload", by=by, args={"upload": str(kept.pk)})
    return kept


def _said(label: str, attested: bool) -> str:
    said = label.strip()
    if not said or len(said) > 80:
        raise UploadRefused(NO_LABEL)
    try:
        refuse_broken_text(said)
    except ItemRefused as refused:
        raise UploadRefused(refused.message) from refused
    found = privacy.screen(said)
    if found:
        raise UploadRefused(privacy.described(found))
    if not attested:
        raise UploadRefused(NOT_ATTESTED)
    return said


def scan(upload_id: UUID, *, by: Actor) -> str:
    """Have the scanner look at a file in quarantine; what it raises leaves the file there.

    FILE_SCANNER names a function that takes bytes and says whether they are clean.
    """
    look: Scanner = import_string(settings.FILE_SCANNER)
    upload = Upload.objects.get(pk=upload_id)
    if upload.state != State.QUARANTINE:
        return upload.state
    _before, found = MOVES["clear" if look(bytes(upload.content)) else "refuse"]
    with acting(by=by):
        Upload.objects.filter(pk=upload.pk, state=State.QUARANTINE).update(state=found)
    return found


def uploads_of(subject: Subject) -> QuerySet[Upload]:
    """Return the files of a subject that the caller has fetched with the permission; without their bytes."""
    return Upload.objects.filter(subject=subject).defer("content")


def upload_or_404(by: Actor, upload_id: uuid.UUID) -> Upload:
    """Return a file that may be taken out; 404 to other sites, and while it is kept apart (ACL-03)."""
    upload = Upload.objects.select_related("subject").filter(pk=upload_id, state=State.READY).first()
    if upload is None:
        raise Http404
    subject_or_404(by, upload.subject_id, Action.UPLOAD_READ)
    return upload


def handed_out(upload: Upload, *, by: Actor) -> bytes:
    """Return the bytes after checking their hash, and record who took them; Damaged where they differ."""
    content = bytes(upload.content)
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise Damaged(str(upload.pk))
    detail = {"upload": str(upload.pk), "sha256": upload.sha256}
    record_event("upload_taken", by=by, detail=detail, subject=upload.subject_id)
    return content
