"""The statements behind the lists of the trail (visits.trail.lists).

Each gives chain, n, at, who, role, site, subject, page, item ('' where it is about a page), how many, and a
second moment: of the verification, signature, lock or first change that stands beside it. Only their own
words are put together here; what a person narrows them by are parameters.
"""

from visits.capture.forms import SITE_ZONE

MANY_CHANGES = 3
MANY_ROWS = 10
DAYS_BEFORE_LOCK = 7
NIGHT_FROM, NIGHT_TO = 22, 6

# What an update did to each item, its missing reason included: `replaced` where something stood there before.
ITEMS = """CROSS JOIN LATERAL (
    SELECT item, bool_or(replaced) AS replaced FROM (
        SELECT key AS item, value <> 'null' AS replaced FROM jsonb_each(e.old)
         WHERE key NOT IN ('raw', 'missing', 'site_id', 'subject_id')
        UNION ALL
        SELECT m.key, coalesce(e.old -> 'missing' ? m.key, false)
          FROM jsonb_each((CASE jsonb_typeof(e.old -> 'missing') WHEN 'object' THEN e.old -> 'missing'
                                ELSE '{}' END)
                       || (CASE jsonb_typeof(e.new -> 'missing') WHEN 'object' THEN e.new -> 'missing'
                                ELSE '{}' END)) AS m
         WHERE (e.old -> 'missing' -> m.key) IS DISTINCT FROM (e.new -> 'missing' -> m.key)
    ) AS both_ways GROUP BY item) AS k"""
NARROWED = """(%(sites)s::text[] IS NULL OR e.site_id = ANY(%(sites)s))
       AND (%(user)s = '' OR strpos(lower(e.actor_name), lower(%(user)s)) > 0)
       AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
       AND (%(until)s::timestamptz IS NULL OR e.at <= %(until)s)"""
ONE = "e.chain, e.n, e.at, e.actor_name, e.actor_role, e.site_id, e.subject_id, e.page_id"
LAST = "max(e.chain), max(e.n), max(e.at), e.actor_name, max(e.actor_role), max(e.site_id), max(e.subject_id)"
HOUR = f"extract(hour FROM e.at AT TIME ZONE '{SITE_ZONE.key}')"
STANDING = """
    LEFT JOIN LATERAL (
        SELECT max(one.at) AS at FROM visits_verification AS one
         WHERE one.page_id = p.id AND one.item = k.item AND one.at < e.at
           AND (one.ended_at IS NULL OR one.ended_at > e.at)) AS v ON true
    LEFT JOIN LATERAL (
        SELECT CASE act WHEN 'SIGN' THEN one.at END AS at FROM visits_signature AS one
         WHERE one.page_id = p.id AND one.at < e.at ORDER BY one.ordinal DESC LIMIT 1) AS s ON true"""
LOCKED_SOON = f"""
    JOIN visits_lock AS l ON l.kind = 'locked'
     AND e.at BETWEEN l.created_at - interval '{DAYS_BEFORE_LOCK} days' AND l.created_at
     AND (l.site_id IS NULL OR l.site_id = p.site_id)
     AND (l.subject_id IS NULL OR l.subject_id = p.subject_id)
     AND (l.visit_id IS NULL OR l.visit_id = p.visit_id) AND (l.page_id IS NULL OR l.page_id = p.id)
     AND (l.item = '' OR l.item = k.item)"""


def changed(beside: str = "") -> str:
    """Return the part of a statement that goes over each changed item, with what stands beside it."""
    return f"""FROM audit_entry AS e {ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid {beside}
     WHERE e.op = 'U' AND e.table_name = ANY(%(tables)s) AND p.subject_id::text = e.subject_id
       AND (%(item)s = '' OR k.item = %(item)s) AND {NARROWED}"""


WRITTEN = f"""FROM audit_entry AS e JOIN visits_page AS p ON p.id = e.page_id::uuid
     WHERE e.op IN ('I', 'U') AND e.table_name = ANY(%(tables)s) AND e.origin = 'web'
       AND p.subject_id::text = e.subject_id
       AND (%(item)s = '' OR e.old ? %(item)s OR e.new ->> %(item)s IS NOT NULL) AND {NARROWED}"""

STATEMENTS = {
    "after_review": f"""SELECT {ONE}, k.item, 1, greatest(v.at, s.at)
        {changed(STANDING)} AND (v.at IS NOT NULL OR s.at IS NOT NULL)""",
    "many_changes": f"""SELECT max(e.chain), max(e.n), max(e.at),
               (array_agg(e.actor_name ORDER BY e.n DESC))[1],
               (array_agg(e.actor_role ORDER BY e.n DESC))[1],
               max(e.site_id), max(e.subject_id), e.page_id, k.item, count(*), min(e.at)
        {changed()} AND k.replaced
        GROUP BY e.page_id, k.item HAVING count(*) > {MANY_CHANGES}""",
    "night": f"""SELECT {LAST}, e.page_id, '', count(*), min(e.at)
        {WRITTEN} AND ({HOUR} >= {NIGHT_FROM} OR {HOUR} < {NIGHT_TO})
        GROUP BY e.page_id, e.actor_id, e.actor_name, e.txid""",
    "many_rows": f"""SELECT {LAST}, max(e.page_id), '', count(*), min(e.at)
        {WRITTEN}
        GROUP BY e.actor_id, e.actor_name, date_trunc('second', e.at) HAVING count(*) >= {MANY_ROWS}""",
    "before_lock": f"""SELECT {ONE}, k.item, 1, min(l.created_at)
        {changed(LOCKED_SOON)} AND k.replaced
        GROUP BY {ONE}, k.item""",
}
