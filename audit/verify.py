"""Checking the trail: every digest, every hash, every number, against the heads.

The hashes are made again here, in Python, from the rule in audit/sql/030_chain.sql, so that a changed
function of the database cannot hide a changed entry. What this cannot see, a chain rewritten from its first
entry together with its head, is seen by comparing the heads with those that left the machine.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connections, transaction

VERSION = 1

# In the order of the sealed array; `at` is shown in UTC with microseconds.
SEALED = (
    "version",
    "chain",
    "at",
    "clock",
    "txid",
    "actor_id",
    "actor_name",
    "actor_role",
    "actor_site",
    "origin",
    "session",
    "request_id",
    "on_behalf_of",
    "reason_code",
    "reason_text",
    "op",
    "table_name",
    "row_key",
    "site_id",
    "subject_id",
    "page_id",
    "visit_id",
    "form",
    "ordinal",
    "old_digest",
    "new_digest",
)
_AS_TEXT = {
    "at": """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "old_digest": "encode(e.old_digest, 'hex')",
    "new_digest": "encode(e.new_digest, 'hex')",
}
# One statement, hence one snapshot: entries and heads of the same instant while others write.
_LINKS = f"""
    SELECT h.chain, h.n, h.hash, e.n, e.prev_hash, e.hash, e.salt, e.old::text, e.new::text,
           e.old_digest, e.new_digest, {", ".join(_AS_TEXT.get(name, f"e.{name}::text") for name in SEALED)}
      FROM audit_entry AS e FULL JOIN audit_head AS h ON h.chain = e.chain
     WHERE %s::text IS NULL OR coalesce(e.chain, h.chain) = %s
     ORDER BY coalesce(e.chain, h.chain), e.n
"""  # noqa: S608 - names of columns, written above
_AT_ONCE = 2000

_Digests = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that is wrong with a chain: at which entry, and what, in words."""

    chain: str
    n: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain} {self.n}: {self.what}"


@dataclass(slots=True)
class _Link:
    n: int
    prev_hash: bytes
    hash: bytes
    salt: bytes | None
    old: str | None
    new: str | None
    old_digest: bytes | None
    new_digest: bytes | None
    sealed: tuple[str | None, ...]

    @property
    def op(self) -> str | None:
        return self.sealed[SEALED.index("op")]

    @property
    def table(self) -> str | None:
        return self.sealed[SEALED.index("table_name")]


def verify(*, chain: str | None = None, using: str = "default") -> list[Broken]:
    """Return the first broken link of every broken chain, or of one chain, sorted; nothing when all hold."""
    found = []
    for name, rows in groupby(_rows(chain, using), key=lambda row: row[0] or row[12]):
        wrong = _first_wrong(name, rows)
        if wrong is not None:
            found.append(wrong)
    return found


def _first_wrong(name: str, rows: Iterator[tuple[Any, ...]]) -> Broken | None:
    n, previous, head = 0, genesis(name), None
    redacted: dict[int, _Digests] = {}  # entries without salt, and what stands there now
    allowed: dict[int, _Digests] = {}  # what redactions say should stand there
    wrong = None
    for row in rows:
        head = (row[1], bytes(row[2])) if row[0] is not None else None
        if row[3] is None:  # a head without any entry
            continue
        link = _link(row)
        wrong = _wrong(name, link, n, previous)
        if wrong is not None:
            break
        n, previous = link.n, link.hash
        if link.salt is None:
            redacted[link.n] = (_plain(link.old), _plain(link.new))
        if (link.op, link.table) == ("E", "redaction") and link.new is not None:
            said = json.loads(link.new)
            allowed[said["n"]] = (said["old"], said["new"])
    else:
        wrong = _wrong_end(name, head, n, previous)
    unlawful = [one for one, digests in redacted.items() if allowed.get(one) != digests]
    if unlawful:
        return Broken(name, min(unlawful), "altered: without its salt, and no redaction says so")
    return wrong


def genesis(chain: str) -> bytes:
    """Return the hash that the first entry of a chain stands on."""
    return hashlib.sha256(chain.encode()).digest()


def digest(salt: bytes, value: str | None) -> bytes | None:
    """Return the salted digest of old or new values, as PostgreSQL writes them."""
    return None if value is None else hashlib.sha256(salt + value.encode()).digest()


def seal(previous: bytes, n: int, sealed: tuple[str | None, ...]) -> bytes:
    """Return the hash of an entry."""
    array = json.dumps(sealed, ensure_ascii=False).encode()
    return hashlib.sha256(previous + n.to_bytes(8, "big", signed=True) + array).digest()


def _rows(chain: str | None, using: str) -> Iterator[tuple[Any, ...]]:
    with transaction.atomic(using=using), connections[using].chunked_cursor() as cursor:
        cursor.execute(_LINKS, [chain, chain])
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows


def _link(row: tuple[Any, ...]) -> _Link:
    """Return the entry in a row of the statement; the first three columns are its chain's head."""
    return _Link(
        row[3],
        *(_bytes(row[4]), _bytes(row[5]), _bytes(row[6])),
        *(row[7], row[8]),
        *(_bytes(row[9]), _bytes(row[10])),
        row[11:],
    )


def _plain(value: str | None) -> str | None:
    return None if value is None else hashlib.sha256(value.encode()).hexdigest()


def _bytes(value: Any) -> Any:
    return None if value is None else bytes(value)


def _wrong(chain: str, link: _Link, before: int, previous: bytes) -> Broken | None:
    if link.n != before + 1:
        missing = before + 1
        return Broken(chain, missing, f"missing: the entry after {before} is {link.n}")
    if link.sealed[0] != str(VERSION):
        return Broken(chain, link.n, f"altered: the version {link.sealed[0]} is unknown")
    for name, value, kept in (("old", link.old, link.old_digest), ("new", link.new, link.new_digest)):
        # Without a salt the entry was redacted, which a later entry has to say.
        if link.salt is not None and digest(link.salt, value) != kept:
            return Broken(
                chain, link.n, f"altered: the {name} values (or their salt) do not fit their digest"
            )
    if link.prev_hash != previous:
        return Broken(chain, link.n, "altered: it does not stand on the hash of the entry before")
    if seal(link.prev_hash, link.n, link.sealed) != link.hash:
        return Broken(chain, link.n, "altered: who, when, why or where do not fit the hash")
    return None


def _wrong_end(chain: str, head: tuple[int, bytes] | None, n: int, last: bytes) -> Broken | None:
    if head is None:
        return Broken(chain, n, "the head of the chain is missing")
    if head[0] > n:
        return Broken(chain, n + 1, f"missing: the head says {head[0]} entries, the last is {n}")
    if head != (n, last):
        return Broken(chain, n, "the head of the chain does not fit the last entry")
    return None
