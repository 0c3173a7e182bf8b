"""The trail in plain SQL (audit/sql/), the rights of the three database roles, and the jobs."""

import uuid
from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        *[migrations.RunSQL(file.read_text(encoding="utf-8")) for file in sorted(SQL.glob("*.sql"))],
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain", "n", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("chain", models.TextField()),
                ("n", models.BigIntegerField()),
                ("version", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                ("clock", models.TextField()),
                ("txid", models.BigIntegerField()),
                ("actor_id", models.TextField()),
                ("actor_name", models.TextField()),
                ("actor_role", models.TextField()),
                ("actor_site", models.TextField(null=True)),
                ("origin", models.TextField()),
                ("session", models.TextField(null=True)),
                ("request_id", models.TextField(null=True)),
                ("on_behalf_of", models.TextField(null=True)),
                ("reason_code", models.TextField(null=True)),
                ("reason_text", models.TextField(null=True)),
                (
                    "op",
                    models.TextField(
                        choices=[("I", "Insert"), ("U", "Update"), ("D", "Delete"), ("E", "Event")]
                    ),
                ),
                ("table_name", models.TextField()),
                ("row_key", models.TextField(null=True)),
                ("site_id", models.TextField(null=True)),
                ("subject_id", models.TextField(null=True)),
                ("page_id", models.TextField(null=True)),
                ("visit_id", models.TextField(null=True)),
                ("form", models.TextField(null=True)),
                ("ordinal", models.TextField(null=True)),
                ("old", models.JSONField(null=True)),
                ("new", models.JSONField(null=True)),
                ("salt", models.BinaryField(null=True)),
                ("old_digest", models.BinaryField(null=True)),
                ("new_digest", models.BinaryField(null=True)),
                ("prev_hash", models.BinaryField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "audit_entry",
                "ordering": ["chain", "n"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("chain", models.TextField(primary_key=True, serialize=False)),
                ("n", models.BigIntegerField()),
                ("prev", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("txid", models.BigIntegerField()),
            ],
            options={
                "db_table": "audit_head",
                "ordering": ["chain"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.TextField()),
                ("queue", models.TextField(default="default")),
                ("args", models.JSONField(default=dict)),
                ("key", models.TextField(null=True, unique=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("QUEUED", "Queued"),
                            ("RUNNING", "Running"),
                            ("DONE", "Done"),
                            ("DEAD", "Dead"),
                        ],
                        default="QUEUED",
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("message", models.TextField(default="")),
                ("result", models.JSONField(null=True)),
                ("error", models.TextField(default="")),
                ("by_user", models.TextField(null=True)),
                ("by_name", models.TextField()),
                ("by_role", models.TextField()),
                ("by_site", models.TextField(null=True)),
                ("request_id", models.TextField(default="")),
                ("created", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                ("due", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent", models.DateTimeField(null=True)),
                ("claim", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "audit_job",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["QUEUED", "RUNNING"])),
                        fields=["due"],
                        name="audit_job_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["QUEUED", "RUNNING", "DONE", "DEAD"])),
                        name="audit_job_state",
                    )
                ],
            },
        ),
    ]
