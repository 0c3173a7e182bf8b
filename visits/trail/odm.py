"""The trail as CDISC ODM 1.3.2 (AUD-15): a transactional file in which each entry is one AuditRecord.

An entry about values stands with them, at its ItemGroupData; every other (pages, queries, marks, accounts,
events) under AuditRecords. SourceID holds chain, number and hash, by which both files of an export are
compared. What XML cannot hold becomes U+FFFD; trail.csv beside it is exact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.db import connection

from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import visit_key
from visits.trail.told import TYPED

STUDY = "NCT07277218"
VERSION = "MDV.1"
EVERYWHERE = "STUDY"
AT_ONCE = 2000
ACTS = {"I": "Insert", "U": "Update", "D": "Remove"}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLUMNS = """e.chain, e.n, encode(e.hash, 'hex'), e.op, e.table_name, e.actor_id, e.actor_name, e.site_id,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.reason_code, e.reason_text"""
_SEEN = """(%(sites)s::text[] IS NULL OR e.site_id = ANY(%(sites)s))"""
_PEOPLE = f"SELECT DISTINCT e.actor_id, e.actor_name FROM audit_entry AS e WHERE {_SEEN} ORDER BY 1, 2"  # noqa: S608
_VALUES = f"""SELECT {_COLUMNS}, u.usubjid, v.code, v.ordinal, p.ordinal,
        CASE WHEN e.table_name = ANY(%(closed)s) THEN NULL ELSE e.old::text END,
        CASE WHEN e.table_name = ANY(%(closed)s) THEN NULL ELSE e.new::text END
      FROM audit_entry AS e
      LEFT JOIN subjects_subject AS u ON u.id::text = e.subject_id
      LEFT JOIN visits_page AS p ON p.id::text = e.page_id
      LEFT JOIN visits_visit AS v ON v.id = p.visit_id
     WHERE {_SEEN} AND e.table_name = ANY(%(typed)s) AND e.op <> 'E' ORDER BY e.chain, e.n"""  # noqa: S608
_OTHERS = f"""SELECT {_COLUMNS} FROM audit_entry AS e
     WHERE {_SEEN} AND NOT (e.table_name = ANY(%(typed)s) AND e.op <> 'E') ORDER BY e.chain, e.n"""  # noqa: S608

Ends = Mapping[str, Sequence[Any]]
"""The last number of each chain that the export tells: what was written since belongs to the next."""


def written(ends: Ends, *, at: str, sites: list[str] | None, closed: list[str]) -> Iterator[str]:
    """Yield the file in pieces; `closed` are tables whose values are withheld, `at` is when it is made."""
    told = {"sites": sites, "closed": closed, "typed": list(TYPED)}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"'
    yield f' ODMVersion="1.3.2" FileType="Transactional" FileOID="trail.{_said(at)}"'
    yield f" CreationDateTime={_quoted(at)}>\n"
    yield _admin_data(ends, at[:10], told)
    yield f'<ClinicalData StudyOID="{STUDY}" MetaDataVersionOID="{VERSION}">\n'
    for row in _rows(_VALUES, told, ends):
        yield _values(row)
    yield "<AuditRecords>\n"
    for row in _rows(_OTHERS, told, ends):
        yield _record(row)
    yield "</AuditRecords>\n</ClinicalData>\n</ODM>\n"


def _rows(statement: str, told: dict[str, Any], ends: Ends) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, told)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (row for row in rows if row[0] in ends and row[1] <= ends[row[0]][0])


def _admin_data(ends: Ends, day: str, told: dict[str, Any]) -> str:
    """Name the people and the places that the records refer to."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, told)
        people = {_user(who, name): name for who, name in cursor.fetchall()}
        cursor.execute(f"SELECT DISTINCT e.site_id FROM audit_entry AS e WHERE {_SEEN}", told)  # noqa: S608
        places = sorted({place or EVERYWHERE for (place,) in cursor.fetchall()})
    users = "".join(
        f"<User OID={_quoted(oid)}><FullName>{_said(name)}</FullName></User>\n"
        for oid, name in people.items()
    )
    version = f'<MetaDataVersionRef StudyOID="{STUDY}" MetaDataVersionOID="{VERSION}" EffectiveDate="{day}"/>'
    locations = "".join(
        f"<Location OID={_quoted(place)} Name={_quoted(place)}>{version}</Location>\n" for place in places
    )
    return f'<AdminData StudyOID="{STUDY}">\n{users}{locations}</AdminData>\n'


def _values(row: tuple[Any, ...]) -> str:
    """Write an entry about the values of a page, with them."""
    usubjid, code, of_visit, ordinal, old, new = row[11:]
    form, act = TYPED[row[4]], ACTS[row[3]]
    visit = visit_key(code, of_visit) if code else LOG
    repeats = f' ItemGroupRepeatKey="{ordinal}"' if FORMS[form].repeating and ordinal else ""
    before, after = json.loads(old or "{}", parse_float=str), json.loads(new or "{}", parse_float=str)
    items = "".join(_items(form, before, after)) if row[3] != "D" else ""
    return (
        f"<SubjectData SubjectKey={_quoted(usubjid or row[0])}>"
        f"<StudyEventData StudyEventOID={_quoted(visit)}>"
        f'<FormData FormOID="{form}"><ItemGroupData ItemGroupOID="IG.{form}"{repeats}'
        f' TransactionType="{act}">{_record(row)}{items}</ItemGroupData></FormData></StudyEventData>'
        "</SubjectData>\n"
    )


def _items(form: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    gaps, had = after.get("missing") or {}, before.get("missing") or {}
    for name in FORMS[form].items():
        reason = gaps.get(name, "")
        changed = name in after and (after[name] is not None or before.get(name) is not None)
        if not changed and reason == had.get(name, ""):
            continue
        oid = f'ItemOID="IT.{form}.{name}"'
        if reason:
            why = f'<Annotation SeqNum="1"><Comment>missing: {_said(reason)}</Comment></Annotation>'
            yield f'<ItemData {oid} IsNull="Yes">{why}</ItemData>'
        elif after.get(name) is None:
            yield f'<ItemData {oid} IsNull="Yes"/>'
        else:
            yield f"<ItemData {oid} Value={_quoted(_plain(after[name]))}/>"


def _record(row: tuple[Any, ...]) -> str:
    chain, n, digest, _op, _table, who, name, site, at, code, text = row[:11]
    reason = ": ".join(filter(None, (code, text)))
    why = f"<ReasonForChange>{_said(reason)}</ReasonForChange>" if reason else ""
    return (
        f'<AuditRecord ID="A.{chain.replace(":", ".")}.{n}"><UserRef UserOID={_quoted(_user(who, name))}/>'
        f"<LocationRef LocationOID={_quoted(site or EVERYWHERE)}/><DateTimeStamp>{at}</DateTimeStamp>{why}"
        f"<SourceID>{_said(chain)} {n} {digest}</SourceID></AuditRecord>\n"
    )


def _user(who: str | None, name: str | None) -> str:
    return f"{who or 'SYSTEM'} {name or ''}".strip()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _said(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))


def _quoted(text: str) -> str:
    return quoteattr(NOT_XML.sub("\ufffd", text))
