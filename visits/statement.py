"""The one statement that reads a subject's dossier: rows, notes, marks, queries, locks (design §3.6).

It names every form's table, so that planning it takes several times as long as running it: each connection
prepares it once, in the message that runs it first, and anew after so many runs, lest a plan that was made
while the tables were empty outlive a load.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.utils import CursorWrapper

from visits.crfs import FORMS

RUNS = 200
# The plan for any subject is as good as one for this subject; left to itself PostgreSQL plans each run anew.
GENERIC = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true);"
AS_BEFORE = ";SELECT set_config('plan_cache_mode', 'auto', true)"

ASKED = """(SELECT jsonb_agg(jsonb_build_array(
                   q.id, q.page_id, q.check_id, q.about, q.state, q.close_reason, q.values_digest))
              FROM visits_query q
             WHERE q.page_id = p.id AND q.origin = 'AUTO'
               AND NOT (q.state = 'CLOSED' AND q.close_reason = 'auto'))"""
# What is locked, frozen, opened by an unlock, or open to a change by a query under a freeze.
STANDING = """
    SELECT l.kind, l.level, l.visit_id, coalesce(l.page_id, p.id) AS page_id, l.item
      FROM visits_lock l LEFT JOIN visits_page p ON p.visit_id = l.visit_id
     WHERE l.released_at IS NULL AND (l.subject_id = %(subject)s OR l.level = 'study' OR (l.level = 'site'
           AND l.site_id = (SELECT site_id FROM subjects_subject WHERE id = %(subject)s)))
    UNION ALL
    SELECT 'opened', u.level, u.visit_id, coalesce(u.page_id, p.id), u.item
      FROM visits_unlock u LEFT JOIN visits_page p ON p.visit_id = u.visit_id
     WHERE u.state = 'GRANTED' AND u.until > edc_now() AND u.subject_id = %(subject)s
    UNION ALL
    SELECT 'asked', 'item', NULL, q.page_id, unnest(q.items) FROM visits_query q
     WHERE q.subject_id = %(subject)s AND q.state = 'OPEN'
       AND EXISTS (SELECT 1 FROM visits_lock WHERE released_at IS NULL AND kind = 'frozen')
"""

MARKS = """(SELECT jsonb_agg(jsonb_build_array(
                   w.id, w.item, w.value, w.at, w.by_name,
                   sdv_stored(x.row, w.item) IS DISTINCT FROM w.value))
              FROM visits_verification w WHERE w.page_id = p.id AND w.ended_at IS NULL)"""
HELD = f"""(SELECT jsonb_agg(jsonb_build_array(s.kind, s.level, s.visit_id, s.page_id, s.item))
              FROM ({STANDING}) s)"""  # noqa: S608 one part of a statement of our own


@cache
def statement(*, asked: bool) -> str:
    """Return the statement; its parameters are `subject`, and `key`, a form's one-time key or None."""
    rows = " UNION ALL ".join(
        f"SELECT page_id, to_jsonb(t) AS row FROM {crf._meta.db_table} t WHERE subject_id = %(subject)s"  # noqa: S608
        for crf in FORMS.values()
    )
    return f"""
        SELECT p.id, p.form, v.code, v.ordinal, p.visit_id, p.ordinal, p.revision, p.removed, p.not_done,
               p.not_done_reason, p.form_version, p.unanswered, p.contradicted, p.entered_at, x.row,
               n.notes, {ASKED if asked else "NULL"}, {MARKS}, {HELD},
               (SELECT saved FROM visits_submission WHERE key = %(key)s)
        FROM visits_page p
        LEFT JOIN visits_visit v ON v.id = p.visit_id
        LEFT JOIN ({rows}) x ON x.page_id = p.id
        LEFT JOIN (SELECT page_id, jsonb_agg(to_jsonb(t) ORDER BY at, id) AS notes FROM visits_note t
                    WHERE subject_id = %(subject)s GROUP BY page_id) n ON n.page_id = p.id
        WHERE p.subject_id = %(subject)s
        ORDER BY p.ordinal, p.entered_at, p.id"""  # noqa: S608 table names of our own classes


_numbers = count(1)
_prepared: WeakKeyDictionary[Any, dict[str, tuple[str, int]]] = WeakKeyDictionary()
"""By connection and statement: the name under which it stands prepared there, and how often it was run."""


def run(cursor: CursorWrapper, *, asked: bool, subject: Any, key: Any) -> list[tuple[Any, ...]]:
    """Run the statement, one message to the database whether or not it is prepared already; return its rows.

    What failed on the way counts as not prepared: its name is never used again.
    """
    text = statement(asked=asked)
    known = _prepared.setdefault(cursor.db.connection, {})
    name, runs = known.pop(text, ("", 0))
    message = ""
    if not name or runs >= RUNS:
        message = f"DEALLOCATE {name};" if name else ""
        name, runs = f"dossier_{next(_numbers)}", 0
        body = text.replace("%(subject)s", "$1").replace("%(key)s", "$2")
        message += f"PREPARE {name} (uuid, uuid) AS {body};"
    message += f"{GENERIC}EXECUTE {name} (%(subject)s, %(key)s){AS_BEFORE}"
    cursor.execute(message, {"subject": subject, "key": key})
    # Of all that the message holds, only the statement itself has several columns.
    while len(cursor.description or ()) < 2 and cursor.nextset():
        pass
    known[text] = (name, runs + 1)
    return cursor.fetchall()
