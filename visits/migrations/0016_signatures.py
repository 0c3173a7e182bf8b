"""Signatures: never changed, under the trail and the locks, compared with the pages in one view (SIG-02)."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock

VIEW = Path(__file__).resolve().parent.parent / "sql" / "signed.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0007_accounts"),
        ("subjects", "0003_transfer_and_void"),
        ("visits", "0015_freeze_lock_unlock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.CharField(max_length=10)),
                ("wording", models.CharField(max_length=64)),
                ("method", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("user", "version"), name="declaration_once")],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("ordinal", models.PositiveSmallIntegerField()),
                ("act", models.CharField(choices=[("SIGN", "Sign"), ("WITHDRAW", "Withdraw")], max_length=8)),
                (
                    "level",
                    models.CharField(
                        choices=[("page", "Page"), ("visit", "Visit"), ("subject", "Subject")], max_length=8
                    ),
                ),
                ("batch", models.UUIDField()),
                ("meaning", models.CharField(max_length=12)),
                ("content", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("wording", models.CharField(max_length=64)),
                ("visit_id", models.UUIDField(null=True)),
                ("form_version", models.CharField(max_length=10)),
                ("revision", models.PositiveIntegerField()),
                ("not_done", models.BooleanField(default=False)),
                ("not_done_reason", models.CharField(blank=True, default="", max_length=200)),
                ("reason", models.TextField(blank=True, default="")),
                ("method", models.CharField(max_length=20)),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("by_role", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                (
                    "page",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="visits.page",
                    ),
                ),
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
            ],
            options={
                "ordering": ["page_id", "ordinal"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "page", "ordinal"), name="signature_act_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "WITHDRAW"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="signature_withdrawn_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("by_id", ""), _negated=True), name="signature_of_a_person"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_signature ADD FOREIGN KEY (site_id, subject_id, page_id)"
            " REFERENCES visits_page (site_id, subject_id, id);"
            "SELECT audit_attach('visits_signature', 'subject', false);"
            "SELECT lock_attach('visits_signature');"
            "SELECT audit_attach('visits_declaration', 'study', false);"
            "REVOKE UPDATE, DELETE ON visits_signature, visits_declaration FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_signature, visits_declaration TO edc_app",
        ),
        migrations.RunSQL(VIEW.read_text(encoding="utf-8"), "DROP VIEW visits_signed"),
    ]
