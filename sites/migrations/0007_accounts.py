"""Invitations, former passwords, access reviews, the identity check, and counts of how often is asked."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock

PROTECT = django.db.models.deletion.PROTECT


def key() -> models.UUIDField:
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def person(related_name: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        null=null, on_delete=PROTECT, related_name=related_name, to=settings.AUTH_USER_MODEL
    )


def site(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(null=True, on_delete=PROTECT, related_name=related_name, to="sites.site")


class Migration(migrations.Migration):
    dependencies = [("sites", "0006_calendars")]
    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind",
                        "asker",
                        "window",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("asker", models.CharField(max_length=64)),
                ("window", models.DateTimeField()),
                ("asked", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.AddField("user", "password_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField(
            "training",
            "kind",
            models.CharField(
                choices=[("IDENTITY", "Identity"), ("GCP", "Gcp"), ("PROTOCOL", "Protocol"), ("EDC", "Edc")],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", key()),
                ("quarter", models.CharField(max_length=6)),
                ("made_at", models.DateTimeField(default=audit.clock.now)),
                ("due_on", models.DateField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("site", site("access_reviews")),
            ],
            options={"ordering": ["-quarter", "site_id"]},
        ),
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                ("id", key()),
                ("password", models.CharField(max_length=128)),
                ("ended_at", models.DateTimeField(default=audit.clock.now)),
                ("user", person("former_passwords")),
            ],
            options={"ordering": ["-ended_at", "id"]},
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", key()),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=audit.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("user", person("invitations")),
            ],
            options={"ordering": ["-created_at", "id"]},
        ),
        migrations.CreateModel(
            name="ReviewedRole",
            fields=[
                ("id", key()),
                (
                    "decision",
                    models.CharField(
                        blank=True, choices=[("KEEP", "Keep"), ("END", "End")], default="", max_length=4
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", person("+", null=True)),
                (
                    "membership",
                    models.ForeignKey(on_delete=PROTECT, related_name="reviewed", to="sites.membership"),
                ),
                (
                    "review",
                    models.ForeignKey(on_delete=PROTECT, related_name="roles", to="sites.accessreview"),
                ),
                ("site", site("+")),
            ],
            options={"ordering": ["review_id", "membership__user__full_name", "id"]},
        ),
        migrations.AddConstraint(
            "accessreview",
            models.UniqueConstraint(
                fields=("site", "quarter"), name="access_review_once_a_quarter", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                condition=models.Q(("used_at", None), ("withdrawn_at", None)),
                fields=("user",),
                name="invitation_open_once",
            ),
        ),
        migrations.AddConstraint(
            "reviewedrole",
            models.UniqueConstraint(fields=("review", "membership"), name="role_reviewed_once"),
        ),
        migrations.RunSQL("SELECT audit_attach('sites_user', 'study', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('sites_invitation', 'study', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('sites_accessreview', 'site', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('sites_reviewedrole', 'site', false)", migrations.RunSQL.noop),
    ]
