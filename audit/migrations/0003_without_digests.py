"""Leave the digest of a typed row out of its trail: it follows from the values that stand there."""

from pathlib import Path

from django.db import migrations

ROW = Path(__file__).resolve().parent.parent / "sql" / "040_row.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_both_chains")]
    operations = [migrations.RunSQL(ROW.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
