"""Snapshots and their files: under the trail, inserted and read, never changed (design §3.14)."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

TABLES = ("outcomes_snapshot", "outcomes_snapshotfile", "outcomes_snapshotrebuild")


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0001_initial"),
        ("visits", "0003_locks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(choices=[("INTERIM", "Interim")], default="INTERIM", max_length=8)),
                ("name", models.CharField(max_length=80)),
                ("manifest", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("subjects", models.PositiveIntegerField()),
                ("values", models.PositiveBigIntegerField()),
                ("built_at", models.DateTimeField(default=audit.clock.now)),
                (
                    "lock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="snapshot", to="visits.lock"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SnapshotRebuild",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=audit.clock.now)),
                ("by_name", models.CharField(max_length=120)),
                ("identical", models.BooleanField()),
                ("differing", models.JSONField(default=list)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rebuilds",
                        to="outcomes.snapshot",
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SnapshotFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("title_en", models.CharField(max_length=120)),
                ("title_zh", models.CharField(max_length=120)),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("rows", models.PositiveIntegerField(null=True)),
                ("columns", models.PositiveIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="outcomes.snapshot",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("snapshot", "name"), name="snapshot_file_once")
                ],
            },
        ),
        *[
            migrations.RunSQL(f"SELECT audit_attach('{table}', 'study', false)", migrations.RunSQL.noop)
            for table in TABLES
        ],
        *[
            migrations.RunSQL(f"REVOKE UPDATE, DELETE ON {table} FROM edc_app", migrations.RunSQL.noop)
            for table in TABLES
        ],
    ]
