"""Keep what is typed and not saved: autosaves under the trail and never changed, open drafts, who is present."""

import uuid

from django.db import migrations, models
from django.db.models import PROTECT

import audit.clock

SUBJECT = "subjects_subject (site_id, id)"


def place():
    """Return the columns of a form of a subject at a visit, as one person had it open."""
    subject = models.ForeignKey("subjects.subject", PROTECT, related_name="+", db_constraint=False)
    site = models.ForeignKey("sites.site", PROTECT, related_name="+", db_constraint=False, db_index=False)
    return [
        ("visit", models.CharField(max_length=8, blank=True, default="")),
        ("form", models.CharField(max_length=8)),
        ("author_id", models.CharField(max_length=36)),
        ("site", site),
        ("subject", subject),
    ]


class Migration(migrations.Migration):
    dependencies = [("visits", "0007_notes"), ("subjects", "0002_trail"), ("sites", "0002_trail")]
    operations = [
        migrations.CreateModel(
            name="Autosave",
            fields=[
                *place(),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.UUIDField()),
                ("act", models.CharField(max_length=10)),
                ("typed", models.JSONField(default=dict)),
                ("revisions", models.JSONField(default=dict)),
                ("author_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "form", "visit"], name="autosave_place"),
                    models.Index(fields=["key"], name="autosave_key"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(act__in=["KEPT", "SUBMITTED", "DISCARDED"]), name="autosave_act"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                *place(),
                (
                    "id",
                    models.UUIDField(
                        primary_key=True, default=uuid.uuid4, editable=False, serialize=False, db_column="key"
                    ),
                ),
                (
                    "last",
                    models.ForeignKey("visits.autosave", PROTECT, related_name="+", db_constraint=False),
                ),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["author_id", "subject"], name="draft_author"),
                    models.Index(fields=["subject", "form", "visit"], name="draft_place"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                *place(),
                (
                    "id",
                    models.UUIDField(primary_key=True, editable=False, serialize=False, db_column="key"),
                ),
                ("author_name", models.CharField(max_length=120)),
                ("since", models.DateTimeField(default=audit.clock.now)),
                ("typing_since", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={"indexes": [models.Index(fields=["subject", "form", "visit"], name="presence_place")]},
        ),
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD FOREIGN KEY (site_id, subject_id) REFERENCES {SUBJECT}",
                migrations.RunSQL.noop,
            )
            for table in ("visits_autosave", "visits_draft", "visits_presence")
        ],
        migrations.RunSQL(
            "ALTER TABLE visits_draft ADD FOREIGN KEY (last_id) REFERENCES visits_autosave (id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("SELECT audit_attach('visits_autosave', 'subject', false)", migrations.RunSQL.noop),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON visits_autosave FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_autosave TO edc_app",
        ),
    ]
