"""Every state moves only as its table of moves says, whichever way the write comes (EDQ-07)."""

from pathlib import Path

from django.db import migrations

MOVES = Path(__file__).resolve().parent.parent / "sql" / "moves.sql"
# All are attached anew, those of 0019 too: the trigger takes the name of the column since.
ATTACH = """
SELECT moves_attach('visits_query',
    '>CANDIDATE >OPEN ANSWERED>CLOSED ANSWERED>OPEN CANDIDATE>CANCELLED CANDIDATE>CLOSED CANDIDATE>OPEN'
    ' CLOSED>ANSWERED CLOSED>CANDIDATE CLOSED>OPEN OPEN>ANSWERED OPEN>CANCELLED OPEN>CLOSED');
SELECT moves_attach('visits_lockproposal', '>PROPOSED PROPOSED>CONFIRMED PROPOSED>WITHDRAWN');
SELECT moves_attach('visits_unlock', '>ASKED ASKED>GRANTED ASKED>REFUSED GRANTED>RELOCKED');
SELECT moves_attach('visits_redaction', '>ASKED AGREED>DONE ASKED>AGREED ASKED>REFUSED');
SELECT moves_attach('visits_import',
    '>STAGED CHECKED>DISCARDED CHECKED>LOADED CHECKED>STAGED STAGED>CHECKED STAGED>DISCARDED');
SELECT moves_attach('visits_upload', '>QUARANTINE >READY QUARANTINE>READY QUARANTINE>REFUSED');
SELECT moves_attach('subjects_transfer', '>PROPOSED PROPOSED>ACCEPTED PROPOSED>DECLINED');
SELECT moves_attach('audit_job',
    '>QUEUED DEAD>DISCARDED DEAD>QUEUED QUEUED>RUNNING RUNNING>DEAD RUNNING>DONE RUNNING>QUEUED');
SELECT moves_attach('visits_verification', '>AGAIN >VOID >WITHDRAWN', 'ended_as');
SELECT moves_attach('visits_lock', '>SET', 'released_at');
SELECT moves_attach('visits_coding', '>SET', 'reviewed_at');
SELECT moves_attach('visits_coding', '>SET', 'replaced_at');
SELECT moves_attach('subjects_voiding', '>SET', 'restored_at');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0019_lock_signatures_and_moves"),
        ("audit", "0006_without_hashes"),
        ("subjects", "0003_transfer_and_void"),
    ]

    operations = [
        migrations.RunSQL(MOVES.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL(ATTACH, migrations.RunSQL.noop),
    ]
