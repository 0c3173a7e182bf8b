"""Signatures under a lock of the study; states that move only as their tables of moves say (LCK-02, EDQ-07)."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import audit.clock

MOVES = Path(__file__).resolve().parent.parent / "sql" / "moves.sql"
ATTACH = """
SELECT moves_attach('visits_query',
    '>CANDIDATE >OPEN ANSWERED>CLOSED ANSWERED>OPEN CANDIDATE>CANCELLED CANDIDATE>CLOSED CANDIDATE>OPEN'
    ' CLOSED>ANSWERED CLOSED>CANDIDATE CLOSED>OPEN OPEN>ANSWERED OPEN>CANCELLED OPEN>CLOSED');
SELECT moves_attach('visits_lockproposal', '>PROPOSED PROPOSED>CONFIRMED PROPOSED>WITHDRAWN');
SELECT moves_attach('visits_unlock', '>ASKED ASKED>GRANTED ASKED>REFUSED GRANTED>RELOCKED');
SELECT moves_attach('visits_redaction', '>ASKED AGREED>DONE ASKED>AGREED ASKED>REFUSED');
"""


class Migration(migrations.Migration):
    dependencies = [("visits", "0018_signed_reviews")]

    operations = [
        migrations.CreateModel(
            name="LockSignature",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "meaning",
                    models.CharField(
                        choices=[("PROPOSED", "Proposed"), ("CONFIRMED", "Confirmed")], max_length=10
                    ),
                ),
                ("content", models.CharField(max_length=64)),
                ("pages", models.PositiveIntegerField()),
                ("method", models.CharField(max_length=20)),
                ("by_id", models.CharField(max_length=36)),
                ("by_name", models.CharField(max_length=120)),
                ("by_role", models.CharField(max_length=20)),
                ("at", models.DateTimeField(default=audit.clock.now)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="visits.lockproposal",
                    ),
                ),
            ],
            options={
                "ordering": ["at"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposal", "meaning"), name="lock_signed_once_in_a_meaning"
                    ),
                    models.UniqueConstraint(
                        fields=("proposal", "by_id"), name="lock_signed_once_by_a_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("by_id", ""), _negated=True), name="lock_signed_by_a_person"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "SELECT audit_attach('visits_locksignature', 'study', false);"
            "REVOKE UPDATE, DELETE ON visits_locksignature FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_locksignature TO edc_app",
        ),
        migrations.RunSQL(
            MOVES.read_text(encoding="utf-8"),
            "DROP FUNCTION refuse_move() CASCADE; DROP FUNCTION moves_attach(regclass, text, text)",
        ),
        migrations.RunSQL(ATTACH, migrations.RunSQL.noop),
    ]
