"""Versions of the protocol by site, and from when a consent version has to be signed again."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import audit.clock


class Migration(migrations.Migration):
    dependencies = [("sites", "0004_single_keys")]
    operations = [
        migrations.AddField(
            model_name="consentversion",
            name="reconsent_from",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reconsent_from", None),
                    ("reconsent_from__gte", models.F("approved_from")),
                    _connector="OR",
                ),
                name="consent_version_asked_once_approved",
            ),
        ),
        migrations.CreateModel(
            name="SiteVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("version", models.CharField(max_length=10)),
                ("ethics_no", models.CharField(max_length=60)),
                ("ethics_date", models.DateField()),
                ("effective_from", models.DateField()),
                ("recorded_by", models.CharField(max_length=120)),
                ("recorded_at", models.DateTimeField(default=audit.clock.now)),
                ("switched_on_at", models.DateTimeField(null=True)),
                ("switched_on_by", models.CharField(blank=True, default="", max_length=120)),
                ("report", models.UUIDField(null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protocol_versions",
                        to="sites.site",
                    ),
                ),
            ],
            options={"ordering": ["site_id", "effective_from", "version"]},
        ),
        migrations.AddConstraint(
            model_name="siteversion",
            constraint=models.UniqueConstraint(fields=("site", "version"), name="site_version_once"),
        ),
        migrations.AddConstraint(
            model_name="siteversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ethics_no", ""), _negated=True),
                    ("effective_from__gte", models.F("ethics_date")),
                ),
                name="site_version_is_approved_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="siteversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("switched_on_at", None),
                    models.Q(("report__isnull", False), models.Q(("switched_on_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="site_version_is_on_by_report",
            ),
        ),
        migrations.RunSQL(
            "SELECT audit_attach('sites_consentversion', 'site', false)", migrations.RunSQL.noop
        ),
        migrations.RunSQL("SELECT audit_attach('sites_siteversion', 'site', false)", migrations.RunSQL.noop),
    ]
