"""What the planner knows of the tables; whoever loads en masse has it refreshed (sql/100_statistics.sql)."""

from django.db import connections


def refresh(using: str = "default") -> None:
    """Let PostgreSQL look at every table anew: to it, one that was just filled is empty, and lists crawl."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_analyze()")
