"""Notes on items; let every row follow its page and its subject; refuse writes for voided subjects."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

LOCK = Path(__file__).resolve().parent.parent / "sql" / "lock.sql"
FOLLOW = """
DO $$
DECLARE
    one  regclass;
BEGIN
    FOR one IN
        SELECT DISTINCT conrelid::regclass FROM pg_constraint
         WHERE contype = 'f' AND cardinality(conkey) > 1 AND confrelid IN
               ('subjects_subject'::regclass, 'visits_visit'::regclass, 'visits_page'::regclass,
                'visits_query'::regclass)
    LOOP
        PERFORM follow_attach(one);
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0004_single_keys"),
        ("subjects", "0003_transfer_and_void"),
        ("visits", "0006_checks"),
    ]
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("item", models.CharField(blank=True, default="", max_length=40)),
                ("text", models.TextField()),
                ("by_id", models.CharField(blank=True, default="", max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("by_role", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                (
                    "page",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="visits.page",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites.site",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="subjects.subject",
                    ),
                ),
            ],
            options={"ordering": ["at", "id"], "default_permissions": ()},
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_note ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(LOCK.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('visits_note', 'subject', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT lock_attach('visits_note')", migrations.RunSQL.noop),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON visits_note FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_note TO edc_app",
        ),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
    ]
