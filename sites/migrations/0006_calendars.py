"""Reminders that people choose and that were sent, and secret addresses of calendars."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.clock

OWNER = {"on_delete": django.db.models.deletion.PROTECT, "to": settings.AUTH_USER_MODEL}


def key() -> models.UUIDField:
    return models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("sites", "0005_protocol_versions")]
    operations = [
        migrations.AddField("user", "reminders", models.JSONField(blank=True, default=dict)),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", key()),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=audit.clock.now)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.site"
                    ),
                ),
                ("user", models.ForeignKey(related_name="calendar_feeds", **OWNER)),
            ],
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", key()),
                ("day", models.DateField()),
                ("counts", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField(default=audit.clock.now)),
                ("user", models.ForeignKey(related_name="+", **OWNER)),
            ],
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("user", "site"),
                name="calendar_feed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("user", "day"), name="reminder_once_a_day"),
        ),
        migrations.RunSQL("SELECT audit_attach('sites_user', 'study', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('sites_calendarfeed', 'site', false)", migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('sites_reminder', 'study', false)", migrations.RunSQL.noop),
    ]
