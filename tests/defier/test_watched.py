"""A trigger of the trail that is missing or switched off turns /readyz red (AUD-16)."""

import pytest
from django.db import connections

from defier import health
from tests.people import build_people

BREAKS = {
    "crf_dm: audit_row": "ALTER TABLE crf_dm DISABLE TRIGGER audit_row",
    "visits_query: audit_row": "ALTER TABLE visits_query ENABLE REPLICA TRIGGER audit_row",
    "sites_user: audit_row": "DROP TRIGGER audit_row ON sites_user",
    "crf_fu: audit_keep": "ALTER TABLE crf_fu DISABLE TRIGGER audit_keep",
    "visits_page: audit_row": "ALTER TABLE visits_page ENABLE TRIGGER audit_row",
    "audit_entry: audit_keep": "ALTER TABLE audit_entry DISABLE TRIGGER audit_keep",
    "audit_head: audit_keep": "DROP TRIGGER audit_keep ON audit_head",
}


@pytest.mark.urs("AUD-16")
def test_each_way_to_switch_the_trail_off_is_named_and_answers_503(own_database: str) -> None:
    client = build_people().client("guo_tao")
    assert health.problems() == []
    assert client.get("/readyz").status_code == 200
    told = []
    for statement in BREAKS.values():
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)
        answer = client.get("/readyz")
        assert answer.status_code == 503, statement
        told = answer.json()["problems"]
    assert sorted(told) == sorted(f"The audit trail does not watch {what}" for what in BREAKS)
