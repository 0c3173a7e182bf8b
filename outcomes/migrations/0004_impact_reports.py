"""Reports of what an amendment changes, and their approval: inserted and read, never changed (EDQ-08)."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

TABLES = ("outcomes_impactreport", "outcomes_impactapproval")


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0003_results_follow"), ("sites", "0005_protocol_versions")]
    operations = [
        migrations.CreateModel(
            name="ImpactReport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.CharField(max_length=10)),
                ("definition", models.CharField(max_length=64)),
                ("seen", models.JSONField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("made_for", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField(default=audit.clock.now)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.site"
                    ),
                ),
            ],
            options={"default_permissions": (), "ordering": ["-made_at", "id"]},
        ),
        migrations.CreateModel(
            name="ImpactApproval",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="approval",
                        serialize=False,
                        to="outcomes.impactreport",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites.site",
                    ),
                ),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={"default_permissions": ()},
        ),
        *[
            migrations.RunSQL(f"SELECT audit_attach('{table}', 'site', false)", migrations.RunSQL.noop)
            for table in TABLES
        ],
        *[
            migrations.RunSQL(f"REVOKE UPDATE, DELETE ON {table} FROM edc_app", migrations.RunSQL.noop)
            for table in TABLES
        ],
    ]
