"""What loads en masse lets the planner look at the tables again (audit/sql/100_statistics.sql)."""

import pytest
from django.db import connection

from audit import statistics

pytestmark = pytest.mark.django_db


def test_the_planner_knows_the_trail_after_a_load() -> None:
    """edc_app may not ANALYZE what it does not own; the owner's function does it for every table."""
    with connection.cursor() as cursor:
        statistics.refresh()
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND reltuples < 0"
        )
        assert cursor.fetchall() == []
