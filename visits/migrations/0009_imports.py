"""Imports: the act, the staged file, and which page came from which row."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

STATES = [("STAGED", "Staged"), ("CHECKED", "Checked"), ("LOADED", "Loaded"), ("DISCARDED", "Discarded")]


def key() -> tuple[str, models.Field]:
    """Return the primary key."""
    return ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False))


def to(model: str, **more: object) -> models.ForeignKey:
    """Return a reference that the composite keys hold."""
    return models.ForeignKey(
        db_constraint=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
        **more,  # type: ignore[arg-type]
    )


class Migration(migrations.Migration):
    dependencies = [("visits", "0008_unsaved")]
    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                key(),
                ("form", models.CharField(max_length=8)),
                ("source", models.CharField(max_length=80)),
                ("file_name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("columns", models.JSONField(default=dict)),
                ("state", models.CharField(choices=STATES, default="STAGED", max_length=10)),
                ("counts", models.JSONField(default=dict)),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(default=audit.clock.now)),
                ("loaded_at", models.DateTimeField(null=True)),
            ],
            options={"ordering": ["-created_at"], "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                (
                    "of",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="visits.import",
                    ),
                ),
                ("content", models.BinaryField()),
                ("table", models.JSONField()),
                ("findings", models.JSONField(default=list)),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                key(),
                ("site", to("sites.site", db_index=False)),
                ("subject", to("subjects.subject")),
                ("page", to("visits.page")),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="visits.import"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=["of", "row"], name="imported_row_once")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_importedrow ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id);"
            "SELECT audit_attach('visits_importedrow', 'subject', false);"
            "SELECT lock_attach('visits_importedrow');"
            "SELECT audit_attach('visits_import', 'study', false);"
            "REVOKE UPDATE, DELETE ON visits_importedrow FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_importedrow TO edc_app",
        ),
    ]
