"""Whether this database is a restored copy that nobody has released: then it does nothing by itself (BCK-03).

Restoring writes so into the comment on the database, which no copy carries along; `manage.py release` takes
it away. Until then no job is done, hence no mail is sent, and every page says what it stands on.
"""

import time

import psycopg
from django.db import DatabaseError, connections

MARK = "restored, not released: "
KNOWN_SECONDS = 60.0
COMMENT = (
    "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database"
    " WHERE datname = current_database()"
)

_known: dict[str, tuple[float, str]] = {}


def unreleased(*, using: str = "default") -> str:
    """Return of what time this unreleased copy is, empty for a database that works; asked once a minute."""
    connection = connections[using]
    name = str(connection.settings_dict["NAME"])
    asked, found = _known.get(name, (float("-inf"), ""))
    if time.monotonic() - asked < KNOWN_SECONDS:
        return found
    try:
        connection.ensure_connection()
        row = connection.connection.execute(COMMENT).fetchone()
    except (DatabaseError, psycopg.Error):
        return found
    comment = row[0] if row else ""
    found = comment.removeprefix(MARK) if comment.startswith(MARK) else ""
    _known[name] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Ask the database again at the next question."""
    _known.clear()
