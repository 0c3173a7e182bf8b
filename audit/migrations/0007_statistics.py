"""Let what loads en masse tell the planner what it filled."""

from pathlib import Path

from django.db import migrations

STATISTICS = Path(__file__).resolve().parent.parent / "sql" / "100_statistics.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_without_hashes")]
    operations = [
        migrations.RunSQL(STATISTICS.read_text(encoding="utf-8"), "DROP FUNCTION IF EXISTS audit_analyze()")
    ]
