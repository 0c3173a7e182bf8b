"""Leave the hashes of passwords out of the trail: a digest of them tells that one changed."""

from pathlib import Path

from django.db import migrations

ROW = Path(__file__).resolve().parent.parent / "sql" / "040_row.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_dead_letters")]
    operations = [migrations.RunSQL(ROW.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
