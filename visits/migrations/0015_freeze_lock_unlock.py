"""Freeze and lock at six levels, unlock for a time, and two people for what is final (LCK-01 to LCK-03)."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

LOCK = Path(__file__).resolve().parent.parent / "sql" / "lock.sql"
AGAIN = """
DO $$
DECLARE
    one  regclass;
BEGIN
    FOR one IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'refuse_locked' LOOP
        PERFORM lock_attach(one);
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0007_accounts"),
        ("subjects", "0003_transfer_and_void"),
        ("visits", "0014_verification"),
    ]

    operations = [
        migrations.CreateModel(
            name="LockProposal",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("act", models.CharField(choices=[("lock", "Lock"), ("lift", "Lift")], max_length=8)),
                ("reason", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("CONFIRMED", "Confirmed"),
                            ("WITHDRAWN", "Withdrawn"),
                        ],
                        default="PROPOSED",
                        max_length=10,
                    ),
                ),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                ("decided_by_id", models.CharField(blank=True, default="", max_length=36)),
                ("decided_by", models.CharField(blank=True, default="", max_length=120)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-at"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Unlock",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("item", "Item"),
                            ("page", "Page"),
                            ("visit", "Visit"),
                            ("subject", "Subject"),
                            ("site", "Site"),
                            ("study", "Study"),
                        ],
                        max_length=8,
                    ),
                ),
                ("item", models.CharField(blank=True, default="", max_length=40)),
                ("reason", models.TextField()),
                ("days", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ASKED", "Asked"),
                            ("GRANTED", "Granted"),
                            ("REFUSED", "Refused"),
                            ("RELOCKED", "Relocked"),
                        ],
                        default="ASKED",
                        max_length=10,
                    ),
                ),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                ("decided_by_id", models.CharField(blank=True, default="", max_length=36)),
                ("decided_by", models.CharField(blank=True, default="", max_length=120)),
                ("decided_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("relocked_at", models.DateTimeField(null=True)),
                ("changes", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-at"],
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="lock",
            name="lock_covers_its_level",
        ),
        migrations.RemoveConstraint(
            model_name="lock",
            name="lock_stands_once",
        ),
        migrations.AddField(
            model_name="lock",
            name="by_id",
            field=models.CharField(blank=True, default="", max_length=36),
        ),
        migrations.AddField(
            model_name="lock",
            name="confirmed_by",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="lock",
            name="confirmed_by_id",
            field=models.CharField(blank=True, default="", max_length=36),
        ),
        migrations.AddField(
            model_name="lock",
            name="interim",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="lock",
            name="item",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="lock",
            name="kind",
            field=models.CharField(
                choices=[("frozen", "Frozen"), ("locked", "Locked")], default="locked", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="lock",
            name="released_by",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="lock",
            name="released_reason",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="lock",
            name="visit",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.visit",
            ),
        ),
        migrations.AlterField(
            model_name="lock",
            name="level",
            field=models.CharField(
                choices=[
                    ("item", "Item"),
                    ("page", "Page"),
                    ("visit", "Visit"),
                    ("subject", "Subject"),
                    ("site", "Site"),
                    ("study", "Study"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="lock",
            index=models.Index(
                condition=models.Q(("released_at", None)), fields=["subject"], name="lock_standing"
            ),
        ),
        migrations.AddConstraint(
            model_name="lock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("item", ""),
                        ("level", "study"),
                        ("page", None),
                        ("site", None),
                        ("subject", None),
                        ("visit", None),
                    ),
                    models.Q(
                        ("item", ""),
                        ("level", "site"),
                        ("page", None),
                        ("site__isnull", False),
                        ("subject", None),
                        ("visit", None),
                    ),
                    models.Q(
                        ("item", ""),
                        ("level", "subject"),
                        ("page", None),
                        ("subject__isnull", False),
                        ("visit", None),
                    ),
                    models.Q(
                        ("item", ""),
                        ("level", "visit"),
                        ("page", None),
                        ("subject__isnull", False),
                        ("visit__isnull", False),
                    ),
                    models.Q(
                        ("item", ""),
                        ("level", "page"),
                        ("page__isnull", False),
                        ("subject__isnull", False),
                        ("visit", None),
                    ),
                    models.Q(
                        ("level", "item"),
                        ("page__isnull", False),
                        ("subject__isnull", False),
                        ("visit", None),
                        models.Q(("item", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="lock_covers_its_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="lock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at", None)),
                fields=("kind", "level", "site", "subject", "visit", "page", "item"),
                name="lock_stands_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="lockproposal",
            name="lock",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals",
                to="visits.lock",
            ),
        ),
        migrations.AddField(
            model_name="unlock",
            name="lock",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="unlocks", to="visits.lock"
            ),
        ),
        migrations.AddField(
            model_name="unlock",
            name="page",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.page",
            ),
        ),
        migrations.AddField(
            model_name="unlock",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sites.site",
            ),
        ),
        migrations.AddField(
            model_name="unlock",
            name="subject",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subjects.subject",
            ),
        ),
        migrations.AddField(
            model_name="unlock",
            name="visit",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="visits.visit",
            ),
        ),
        migrations.AddConstraint(
            model_name="lockproposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "CONFIRMED"), _negated=True),
                    models.Q(
                        models.Q(("decided_by_id", ""), _negated=True),
                        models.Q(("decided_by_id", models.F("by_id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposal_of_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="lockproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "PROPOSED")),
                fields=("act", "lock"),
                name="proposal_stands_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="unlock",
            index=models.Index(
                condition=models.Q(("state", "GRANTED")), fields=["subject"], name="unlock_granted"
            ),
        ),
        migrations.AddConstraint(
            model_name="unlock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item", ""), ("level", "subject"), ("page", None), ("visit", None)),
                    models.Q(("item", ""), ("level", "visit"), ("page", None), ("visit__isnull", False)),
                    models.Q(("item", ""), ("level", "page"), ("page__isnull", False), ("visit", None)),
                    models.Q(
                        ("level", "item"),
                        ("page__isnull", False),
                        ("visit", None),
                        models.Q(("item", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="unlock_has_its_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="unlock",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["ASKED", "REFUSED"]),
                    models.Q(
                        models.Q(("decided_by_id", ""), _negated=True),
                        models.Q(("decided_by_id", models.F("by_id")), _negated=True),
                        ("until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="unlock_of_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="unlock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["ASKED", "GRANTED"])),
                fields=("level", "subject", "visit", "page", "item"),
                name="unlock_stands_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_lock"
            " ADD FOREIGN KEY (site_id, subject_id, visit_id) REFERENCES visits_visit (site_id, subject_id, id),"
            " ADD CONSTRAINT lock_of_two_people CHECK (kind <> 'locked' OR level <> 'study' OR interim"
            " OR (confirmed_by_id <> '' AND confirmed_by_id <> by_id)) NOT VALID",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "ALTER TABLE visits_unlock"
            " ADD FOREIGN KEY (site_id, subject_id) REFERENCES subjects_subject (site_id, id),"
            " ADD FOREIGN KEY (site_id, subject_id, visit_id) REFERENCES visits_visit (site_id, subject_id, id),"
            " ADD FOREIGN KEY (site_id, subject_id, page_id) REFERENCES visits_page (site_id, subject_id, id)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(LOCK.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(AGAIN, migrations.RunSQL.noop),
        migrations.RunSQL("SELECT audit_attach('visits_unlock', 'subject', false)", migrations.RunSQL.noop),
        migrations.RunSQL(
            "SELECT audit_attach('visits_lockproposal', 'study', false)", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "SELECT follow_attach('visits_lock'), follow_attach('visits_unlock')", migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            "REVOKE DELETE ON visits_lock, visits_unlock, visits_lockproposal FROM edc_app",
            "GRANT DELETE ON visits_lock, visits_unlock, visits_lockproposal TO edc_app",
        ),
    ]
