"""Dictionaries, their terms, and the code that each text was given."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

KINDS = [("MEDDRA", "MedDRA"), ("WHODRUG", "WHODrug"), ("ATC", "ATC")]
ORIGINS = [("SAME_WORDS", "Same Words"), ("AS_BEFORE", "As Before"), ("PERSON", "Person")]
PROTECT = django.db.models.deletion.PROTECT


def number() -> tuple[str, models.Field]:
    """Return a counted primary key."""
    key = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    return ("id", key)


class Migration(migrations.Migration):
    dependencies = [("visits", "0010_unsaved_follows")]
    operations = [
        migrations.CreateModel(
            name="Dictionary",
            fields=[
                number(),
                ("kind", models.CharField(choices=KINDS, max_length=8)),
                ("version", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=8)),
                ("sha256", models.CharField(max_length=64)),
                ("terms_loaded", models.PositiveIntegerField(default=0)),
                ("in_use", models.BooleanField(default=True)),
                ("loaded_by", models.CharField(max_length=120)),
                ("loaded_at", models.DateTimeField(default=audit.clock.now)),
            ],
            options={
                "ordering": ["kind", "-loaded_at"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version", "language"), name="dictionary_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("in_use", True)),
                        fields=("kind", "language"),
                        name="dictionary_in_use_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                number(),
                ("code", models.CharField(max_length=20)),
                ("text", models.CharField(max_length=200)),
                ("folded", models.CharField(db_index=True, max_length=200)),
                ("path", models.JSONField(default=list)),
                (
                    "dictionary",
                    models.ForeignKey(on_delete=PROTECT, related_name="terms", to="visits.dictionary"),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("dictionary", "code"), name="term_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Coding",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("item", models.CharField(max_length=40)),
                ("text", models.CharField(max_length=200)),
                ("origin", models.CharField(choices=ORIGINS, max_length=10)),
                ("by_id", models.CharField(blank=True, default="", max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                ("reviewed_by", models.CharField(blank=True, default="", max_length=36)),
                ("reviewer_name", models.CharField(blank=True, default="", max_length=120)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "page",
                    models.ForeignKey(
                        db_constraint=False, on_delete=PROTECT, related_name="codings", to="visits.page"
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
                ("term", models.ForeignKey(on_delete=PROTECT, related_name="+", to="visits.term")),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("page", "item"),
                        name="coding_stands_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_coding ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id);"
            "SELECT audit_attach('visits_coding', 'subject', false);"
            "SELECT lock_attach('visits_coding');"
            "SELECT audit_attach('visits_dictionary', 'study', false);"
            "REVOKE DELETE ON visits_coding, visits_dictionary FROM edc_app;"
            "REVOKE UPDATE, DELETE ON visits_term FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_coding, visits_dictionary, visits_term TO edc_app",
        ),
    ]
