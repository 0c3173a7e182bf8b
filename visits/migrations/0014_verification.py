"""Plans of source data verification, the verified values, and the reports of monitoring visits."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

ENDED = [("AGAIN", "Again"), ("WITHDRAWN", "Withdrawn"), ("VOID", "Void")]
PROTECT = django.db.models.deletion.PROTECT


def key() -> tuple[str, models.Field]:
    """Return a primary key that the application draws."""
    return "id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("visits", "0013_trail_for_people")]
    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                key(),
                ("number", models.PositiveSmallIntegerField(unique=True)),
                ("seed", models.CharField(max_length=64)),
                ("critical", models.JSONField(default=dict)),
                ("rules", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=500)),
                ("by_id", models.CharField(blank=True, default="", max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={"db_table": "visits_sdvplan", "ordering": ["-number"], "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                key(),
                ("item", models.CharField(max_length=40)),
                ("value", models.JSONField()),
                ("revision", models.PositiveIntegerField()),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_as", models.CharField(blank=True, choices=ENDED, default="", max_length=10)),
                ("ended_by", models.CharField(blank=True, default="", max_length=120)),
                ("ended_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "page",
                    models.ForeignKey(
                        db_constraint=False, on_delete=PROTECT, related_name="verifications", to="visits.page"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="+",
                        to="sites.site",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False, on_delete=PROTECT, related_name="+", to="subjects.subject"
                    ),
                ),
            ],
            options={"db_table": "visits_verification", "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="VisitReport",
            fields=[
                key(),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("remarks", models.TextField(blank=True, default="")),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("asked_at", models.DateTimeField(default=audit.clock.now)),
                ("job_id", models.UUIDField(null=True)),
                ("content", models.BinaryField(null=True)),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("site", models.ForeignKey(on_delete=PROTECT, related_name="+", to="sites.site")),
            ],
            options={
                "db_table": "visits_visitreport",
                "ordering": ["-last_day", "-asked_at"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(first_day__lte=models.F("last_day")),
                        name="visit_report_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.AddIndex("verification", models.Index(fields=["site", "at"], name="verification_by_site")),
        migrations.AddConstraint(
            "verification",
            models.UniqueConstraint(
                condition=models.Q(ended_at=None), fields=("page", "item"), name="verification_stands_once"
            ),
        ),
        migrations.AddConstraint(
            "verification",
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_as="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_as="")),
                name="verification_ends_as",
            ),
        ),
        migrations.RunSQL(
            (Path(__file__).parent.parent / "sql" / "sdv.sql").read_text(encoding="utf-8"),
            "DROP FUNCTION sdv_stored(jsonb, text); DROP FUNCTION sdv_draw(text, text)",
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_verification ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id);"
            "SELECT audit_attach('visits_verification', 'subject', false);"
            "SELECT lock_attach('visits_verification');"
            "SELECT audit_attach('visits_sdvplan', 'study', false);"
            "SELECT audit_attach('visits_visitreport', 'site', false);"
            "REVOKE DELETE ON visits_verification, visits_visitreport FROM edc_app;"
            "REVOKE UPDATE, DELETE ON visits_sdvplan FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_verification, visits_visitreport, visits_sdvplan TO edc_app",
        ),
    ]
