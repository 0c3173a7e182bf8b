"""A locked item refuses verifying and coding of itself, no longer of every item of its page (LCK-01)."""

from pathlib import Path

from django.db import migrations

LOCK = Path(__file__).resolve().parent.parent / "sql" / "lock.sql"


class Migration(migrations.Migration):
    dependencies = [("visits", "0020_every_machine")]

    operations = [
        migrations.RunSQL(LOCK.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(
            "SELECT lock_attach('visits_verification'); SELECT lock_attach('visits_coding')",
            migrations.RunSQL.noop,
        ),
    ]
