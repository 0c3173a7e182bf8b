"""Reports of serious events and notices that went out, and what made the system create a deviation."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import audit.clock

PAGE = "visits_page (site_id, subject_id, id)"


def of_subject() -> list[tuple[str, models.Field]]:
    """Return the columns that tie a row to its page, subject and site."""
    return [
        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
    ]


def page(name: str) -> tuple[str, models.Field]:
    """Return the column that names the page."""
    return (
        "page",
        models.ForeignKey(
            db_constraint=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name=name,
            to="visits.page",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0004_steps_stay"),
        ("sites", "0003_delegation_and_training"),
        ("subjects", "0002_trail"),
    ]
    operations = [
        migrations.CreateModel(
            name="SaeReport",
            fields=[
                *of_subject(),
                page("sae_reports"),
                ("number", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=10)),
                ("revision", models.PositiveIntegerField()),
                ("form_version", models.CharField(max_length=10)),
                ("values", models.JSONField(default=dict)),
                ("missing", models.JSONField(default=dict)),
                ("digest", models.CharField(max_length=64)),
                (
                    "sent_to",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                ("by_id", models.CharField(blank=True, default="", max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("by_role", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [models.UniqueConstraint(fields=("page", "number"), name="sae_report_number")],
            },
        ),
        migrations.CreateModel(
            name="SafetyNotice",
            fields=[
                *of_subject(),
                page("+"),
                ("code", models.CharField(max_length=12)),
                ("stage", models.CharField(max_length=12)),
                ("told", models.PositiveSmallIntegerField(default=0)),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("page", "code", "stage"), name="safety_notice_once")
                ],
            },
        ),
        migrations.AddField(
            "deviation", "dv_cause", models.CharField(editable=False, max_length=60, null=True)
        ),
        migrations.AddConstraint(
            "deviation",
            models.UniqueConstraint(fields=("subject", "dv_cause"), name="deviation_cause_once"),
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD FOREIGN KEY (site_id, subject_id, page_id) REFERENCES {PAGE};"
                f"SELECT audit_attach('{table}', 'subject', false)",
                migrations.RunSQL.noop,
            )
            for table in ("visits_saereport", "visits_safetynotice")
        ],
        migrations.RunSQL(
            "SELECT lock_attach('visits_saereport');"
            "REVOKE UPDATE, DELETE ON visits_saereport, visits_safetynotice FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_saereport, visits_safetynotice TO edc_app",
        ),
    ]
