"""The files of a snapshot: exactly what its lock covers, read in one transaction, the same bytes every time.

Every time in them is the lock's. What cannot be known again (the code, the configuration, the transaction,
how long the chains were) is taken over from the first build; everything else is read and made anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from audit import clock
from outcomes.adsl import adsl
from outcomes.adtte import adtte
from outcomes.datasets.dictionary import codelists_sha256, dictionary
from outcomes.datasets.files import BuiltFile, csv_of_frame
from outcomes.datasets.forms import Scope, counts, form_files
from outcomes.datasets.provenance import Provenance, chains_file, provenance, subjects_in
from outcomes.frames import read_frames
from protocol.version import PROTOCOL_VERSION
from protocol.words import T
from visits.models import Lock

INTERIM, FINAL = "INTERIM", "FINAL"
ADSL = T("Subject level", "受试者水平")
ADTTE = T("Time to event", "至事件时间")
MANIFEST = T("Manifest", "清单")


@dataclass(frozen=True, slots=True)
class Built:
    """All files of a snapshot, the manifest among them, and its counts."""

    name: str
    files: tuple[BuiltFile, ...]
    manifest: dict[str, Any]
    subjects: int
    values: int

    @property
    def manifest_file(self) -> BuiltFile:
        """The manifest, whose digest stands for the whole snapshot."""
        return self.files[0]


def build(lock: Lock, *, known: Provenance | None = None) -> Built:
    """Make the files of a lock; `known` makes a rebuild."""
    scope, stem = Scope.of(lock), stem_of(lock)
    with one_moment() as using:
        come_from = known or provenance(lock, using=using)
        covered = subjects_in(scope, using=using)
        forms = form_files(scope, stem=stem, using=using)
        values, removed = counts(scope, using=using)
        analysis = [] if not scope.whole_subjects else _analysis(lock, come_from, covered, stem, using)
        chains = chains_file(come_from.heads, stem=stem, using=using)
    data = [*analysis, *forms, dictionary(stem), chains]
    manifest = {
        **_manifest(lock, come_from, data),
        "subjects": len(covered),
        "values": values,
        "removed_pages_left_out": removed,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    head = BuiltFile(f"{stem}_manifest.json", MANIFEST, text.encode())
    return Built(stem, (head, *data), manifest, len(covered), values)


@contextmanager
def one_moment() -> Iterator[str]:
    """Open the one transaction that a snapshot is read in, by the reading role where there is one."""
    using = "reader" if "reader" in settings.DATABASES else "default"
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield using


def kind_of(lock: Lock) -> str:
    """Return FINAL for the lock of the study that passed its gates, INTERIM for any other cut."""
    return FINAL if lock.level == Lock.Level.STUDY and not lock.interim else INTERIM


def stem_of(lock: Lock) -> str:
    """Return how all files of a lock begin: DEFIER_INTERIM_20280914_study."""
    day = lock.created_at.astimezone(clock.ZONE).strftime("%Y%m%d")
    covers = lock.subject.usubjid if lock.subject else f"site{lock.site_id}" if lock.site_id else "study"
    if lock.visit is not None:
        covers = f"{covers}_{lock.visit.key}"
    if lock.page is not None:
        covers = f"{covers}_{lock.page.form}{lock.page.ordinal}"
    return f"DEFIER_{kind_of(lock)}_{day}_{covers}"


def _analysis(
    lock: Lock, come_from: Provenance, covered: Sequence[tuple[Any, str]], stem: str, using: str
) -> list[BuiltFile]:
    """Return ADSL and ADTTE, derived from the same transaction."""
    ids = None if lock.site_id is None else [identity for identity, _usubjid in covered]
    frames = read_frames(ids, using=using)
    cut_off = lock.created_at.astimezone(clock.ZONE).date()
    subjects = adsl(frames, come_from.configuration, cut_off)
    subjects["DATALOCK"] = str(lock.pk)
    events = adtte(frames, subjects, come_from.configuration)
    return [
        csv_of_frame(f"{stem}_adsl.csv", ADSL, subjects),
        csv_of_frame(f"{stem}_adtte.csv", ADTTE, events),
    ]


def _manifest(lock: Lock, come_from: Provenance, data: Sequence[BuiltFile]) -> dict[str, Any]:
    chains = next(file for file in data if file.name.endswith("_chains.csv"))
    return {
        "snapshot": stem_of(lock),
        "kind": kind_of(lock),
        "study": "NCT07277218",
        "data": "simulated" if clock.simulated() else "real",
        "clock": "simulated" if clock.simulated() else "database server",
        "lock": {
            "id": str(lock.pk),
            "level": lock.level,
            "site": lock.site_id,
            "subject": lock.subject.usubjid if lock.subject else None,
            "page": str(lock.page_id) if lock.page_id else None,
            "reason": lock.reason,
            "by": lock.by_name,
            "at": iso(lock.created_at),
        },
        "cut_off": iso(lock.created_at),
        "code": come_from.code,
        "protocol": PROTOCOL_VERSION,
        "codelists_sha256": codelists_sha256(),
        "study_configuration": come_from.configuration,
        "transaction": {"isolation": "repeatable read, read only", "snapshot": come_from.transaction},
        "chain_heads": {"chains": len(come_from.heads), "sha256": chains.sha256},
        "without": [] if Scope.of(lock).whole_subjects else ["adsl and adtte: they need whole subjects"],
        "files": [
            {
                "name": file.name,
                "rows": file.rows,
                "columns": file.columns,
                "bytes": len(file.content),
                "sha256": file.sha256,
            }
            for file in sorted(data, key=lambda file: file.name)
        ],
    }


def iso(moment: datetime) -> str:
    """Return an instant in UTC with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
