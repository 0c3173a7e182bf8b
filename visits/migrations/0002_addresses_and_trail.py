"""Tie every row to its site and subject by composite keys, and put it under the trail (ACL-04, AUD-01)."""

from django.db import migrations

FORMS = ["abi", "ae", "amp", "bcs", "bms", "cec", "cm", "dcb", "dd", "des", "disc", "dm", "dth", "dus", "dv", "exit", "fu", "ic", "icre", "ie", "img", "lb", "les", "lh", "mh", "pp", "pr", "prl", "ps", "rev", "xr"]
SUBJECT = "subjects_subject (site_id, id)"
PAGE = "visits_page (site_id, subject_id, id)"

COMPOSITE = [
    ("visits_visit", "site_id, subject_id", SUBJECT),
    ("visits_page", "site_id, subject_id", SUBJECT),
    ("visits_page", "site_id, subject_id, visit_id", "visits_visit (site_id, subject_id, id)"),
    ("visits_query", "site_id, subject_id, page_id", PAGE),
    ("visits_querystep", "site_id, subject_id, query_id", "visits_query (site_id, subject_id, id)"),
    ("visits_lock", "site_id, subject_id", SUBJECT),
    ("visits_lock", "site_id, subject_id, page_id", PAGE),
    ("visits_document", "site_id, subject_id", SUBJECT),
    *[(f"crf_{form}", "site_id, subject_id, page_id", PAGE) for form in FORMS],
]
AUDITED = [
    ("visits_visit", "subject", False),
    ("visits_page", "subject", False),
    ("visits_query", "subject", False),
    ("visits_querystep", "subject", False),
    ("visits_lock", "subject", False),
    *[(f"crf_{form}", "subject", True) for form in FORMS],
]


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_initial"), ("audit", "0001_initial"), ("subjects", "0002_trail")]
    operations = [
        *[
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD FOREIGN KEY ({columns}) REFERENCES {target}", migrations.RunSQL.noop
            )
            for table, columns, target in COMPOSITE
        ],
        *[
            migrations.RunSQL(
                f"SELECT audit_attach('{table}', '{chain}', {str(reason).lower()})", migrations.RunSQL.noop
            )
            for table, chain, reason in AUDITED
        ],
    ]
