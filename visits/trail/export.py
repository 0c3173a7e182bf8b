"""The trail as a file (AUD-15): entries streamed as CSV and as ODM, and a manifest of how many, which hashes.

Values are written exactly, so that digests and hashes can be computed again from the file. Of two kinds of
entries the values are withheld, their digests not: drafts of others that no save has submitted, and forms
that are not open to the person who exports.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from audit import clock
from audit.actors import Actor
from sites.access import require, visible_sites
from sites.roles import Action
from visits.blinding import forms_open_to
from visits.trail import odm
from visits.trail.told import TYPED

AT_ONCE = 2000
AT_MOST = "15min"
AS_TEXT = {
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "old": "CASE WHEN {withheld} THEN NULL ELSE e.old::text END",
    "new": "CASE WHEN {withheld} THEN NULL ELSE e.new::text END",
    "salt": "CASE WHEN {withheld} THEN NULL ELSE encode(e.salt, 'hex') END",
    **{name: f"encode(e.{name}, 'hex')" for name in ("old_digest", "new_digest", "prev_hash", "hash")},
}
COLUMNS = (
    *("chain", "n", "version", "at", "clock", "txid", "actor_id", "actor_name", "actor_role", "actor_site"),
    *("origin", "session", "request_id", "on_behalf_of", "reason_code", "reason_text", "op", "table_name"),
    *("row_key", "site_id", "subject_id", "page_id", "visit_id", "form", "ordinal", "old", "new", "salt"),
    *("old_digest", "new_digest", "prev_hash", "hash"),
)
HEADINGS = (*COLUMNS, "withheld")
WITHHELD = """(e.table_name = ANY(%(closed)s)
    OR (e.table_name = 'visits_autosave' AND e.new ->> 'author_id' IS DISTINCT FROM %(person)s
        AND NOT EXISTS (SELECT 1 FROM visits_autosave AS a
                         WHERE a.key::text = e.new ->> 'key' AND a.act = 'SUBMITTED')))"""
_SELECTED = ", ".join(
    AS_TEXT[name].format(withheld=WITHHELD) if name in AS_TEXT else f"e.{name}" for name in COLUMNS
)
_STATEMENT = f"""SELECT {_SELECTED}, {WITHHELD} FROM audit_entry AS e
     WHERE (%(sites)s::text[] IS NULL OR e.site_id = ANY(%(sites)s))
     ORDER BY e.chain, e.n"""  # noqa: S608 - names of columns, written above


@dataclass(slots=True)
class Manifest:
    """What an export holds: how many entries, how many withheld, the last of each chain, the file's hash."""

    by: str
    at: str
    sites: list[str] | None
    entries: int = 0
    withheld: int = 0
    chains: dict[str, list[Any]] = field(default_factory=dict)
    sha256: str = ""
    odm_sha256: str = ""

    def count(self, row: Sequence[Any]) -> None:
        """Take one row of the file into account."""
        self.entries += 1
        self.withheld += bool(row[-1])
        self.chains[row[0]] = [row[1], row[-2]]

    def text(self) -> str:
        """Return it as JSON."""
        said = {
            "study": "NCT07277218",
            "exported_by": self.by,
            "exported_at": self.at,
            "sites": self.sites,
            "entries": self.entries,
            "withheld": self.withheld,
            "trail.csv": {"sha256": self.sha256, "columns": list(HEADINGS)},
            "trail.odm.xml": {"sha256": self.odm_sha256, "standard": "CDISC ODM 1.3.2"},
            "last_of_each_chain": self.chains,
        }
        return json.dumps(said, ensure_ascii=False, indent=1)


def exported(*, by: Actor, site: str = "") -> Iterator[bytes]:
    """Yield a ZIP archive of trail.csv, trail.odm.xml and manifest.json: all that this person may see.

    With a site, that site's alone. Raises PermissionDenied before anything is read.
    """
    require(by, Action.TRAIL_EXPORT, site or None)
    sites = visible_sites(by, Action.TRAIL_EXPORT)
    chosen = [site] if site else None if sites is None else sorted(sites)
    return _archive(Manifest(by=by.name, at=clock.now().isoformat(timespec="seconds"), sites=chosen), by)


def _archive(manifest: Manifest, by: Actor) -> Iterator[bytes]:
    closed = [table for table, form in TYPED.items() if form not in forms_open_to(by)]
    wire = _Wire()
    with zipfile.ZipFile(wire, "w", zipfile.ZIP_DEFLATED) as archive:
        digest = hashlib.sha256()
        yield from _member(archive, wire, "trail.csv", _csv(manifest, closed, by), digest)
        manifest.sha256 = digest.hexdigest()
        digest = hashlib.sha256()
        records = odm.written(manifest.chains, at=manifest.at, sites=manifest.sites, closed=closed)
        yield from _member(archive, wire, "trail.odm.xml", records, digest)
        manifest.odm_sha256 = digest.hexdigest()
        archive.writestr("manifest.json", manifest.text())
    yield wire.taken()


def _member(
    archive: zipfile.ZipFile, wire: _Wire, name: str, texts: Iterator[str], digest: hashlib._Hash
) -> Iterator[bytes]:
    """Write one file of the archive, hand on what comes out, and take it into its digest.

    Sorting the trail of a whole study takes longer than a page may take; no archive ends in its middle.
    """
    with transaction.atomic(), archive.open(name, "w", force_zip64=True) as file:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [AT_MOST])
        for text in texts:
            written = text.encode()
            digest.update(written)
            file.write(written)
            if taken := wire.taken():
                yield taken


def _csv(manifest: Manifest, closed: list[str], by: Actor) -> Iterator[str]:
    yield _lines([HEADINGS])
    told = {"closed": closed, "person": by.user_id or "", "sites": manifest.sites}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_STATEMENT, told)
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
                manifest.count(row)
            yield _lines(rows)


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


class _Wire(io.RawIOBase):
    """Takes what the archive writes and hands it on: nothing is kept, nothing can be sought."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, written: Any) -> int:
        self._waiting += written
        return len(written)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        found = bytes(self._waiting)
        self._waiting.clear()
        return found
