"""Tell a row that goes from one subject to another in the chains of both."""

from pathlib import Path

from django.db import migrations

ROW = Path(__file__).resolve().parent.parent / "sql" / "040_row.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(ROW.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
