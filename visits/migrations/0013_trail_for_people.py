"""Reviews of the trail's lists, and redactions on which two people agree."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

PROTECT = django.db.models.deletion.PROTECT


def key() -> models.UUIDField:
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("visits", "0012_digests")]
    operations = [
        migrations.CreateModel(
            name="TrailReview",
            fields=[
                ("id", key()),
                ("list", models.CharField(max_length=24)),
                ("filters", models.JSONField(default=dict)),
                ("found", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("until", models.DateTimeField()),
                ("remark", models.TextField(blank=True, default="")),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("by_role", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                (
                    "site",
                    models.ForeignKey(
                        "sites.site", PROTECT, null=True, related_name="+", db_constraint=False
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "id"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["list", "-at"], name="trailreview_list")],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", key()),
                ("n", models.BigIntegerField()),
                ("item", models.CharField(max_length=40)),
                ("reason", models.TextField()),
                ("state", models.CharField(default="ASKED", max_length=8)),
                ("asked_by_id", models.CharField(max_length=36)),
                ("asked_by_name", models.CharField(max_length=120)),
                ("asked_by_role", models.CharField(max_length=20)),
                ("asked_at", models.DateTimeField(default=audit.clock.now)),
                ("settled_by_id", models.CharField(blank=True, default="", max_length=36)),
                ("settled_by_name", models.CharField(blank=True, default="", max_length=120)),
                ("settled_by_role", models.CharField(blank=True, default="", max_length=20)),
                ("settled_at", models.DateTimeField(null=True)),
                ("entries", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("page", models.ForeignKey("visits.page", PROTECT, related_name="+", db_constraint=False)),
                (
                    "site",
                    models.ForeignKey(
                        "sites.site", PROTECT, related_name="+", db_constraint=False, db_index=False
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey("subjects.subject", PROTECT, related_name="+", db_constraint=False),
                ),
            ],
            options={
                "ordering": ["-asked_at", "id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(state__in=["ASKED", "AGREED", "REFUSED", "DONE"]),
                        name="redaction_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(state="ASKED") | ~models.Q(asked_by_id=models.F("settled_by_id")),
                        name="redaction_needs_two",
                    ),
                    models.UniqueConstraint(
                        fields=["subject", "n", "item"],
                        condition=models.Q(state__in=["ASKED", "AGREED"]),
                        name="redaction_asked_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_redaction ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SELECT follow_attach('visits_redaction')", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('visits_trailreview', 'study', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('visits_redaction', 'subject', false)", migrations.RunSQL.noop),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON visits_trailreview FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_trailreview TO edc_app",
        ),
        migrations.RunSQL(
            "REVOKE DELETE ON visits_redaction FROM edc_app", "GRANT DELETE ON visits_redaction TO edc_app"
        ),
    ]
