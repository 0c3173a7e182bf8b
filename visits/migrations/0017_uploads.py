"""Uploaded files of subjects: under the trail (digests of the bytes), the sites' sight and the locks."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("visits", "0016_signatures"), ("audit", "0004_sight")]
    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("PDF", "Pdf"), ("JPEG", "Jpeg"), ("PNG", "Png")], max_length=4
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("QUARANTINE", "Quarantine"),
                            ("READY", "Ready"),
                            ("REFUSED", "Refused"),
                        ],
                        default="QUARANTINE",
                        max_length=10,
                    ),
                ),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
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
            options={"ordering": ["at", "id"], "default_permissions": ()},
        ),
        migrations.AddConstraint(
            "upload", models.UniqueConstraint(fields=("subject", "sha256"), name="upload_once")
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_upload ADD FOREIGN KEY (site_id, subject_id)"
            " REFERENCES subjects_subject (site_id, id);"
            "SELECT audit_attach('visits_upload', 'subject', false);"
            "SELECT lock_attach('visits_upload');"
            "SELECT follow_attach('visits_upload');"
            "REVOKE DELETE ON visits_upload FROM edc_app",
            "GRANT DELETE ON visits_upload TO edc_app",
        ),
    ]
