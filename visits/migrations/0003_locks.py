"""Let standing locks refuse every write of what they cover (LCK-01)."""

from pathlib import Path

from django.db import migrations

FORMS = (
    *("abi", "ae", "amp", "bcs", "bms", "cec", "cm", "dcb", "dd", "des", "disc", "dm", "dth", "dus", "dv"),
    *("exit", "fu", "ic", "icre", "ie", "img", "lb", "les", "lh", "mh", "pp", "pr", "prl", "ps", "rev", "xr"),
)
WATCHED = (
    "subjects_subject",
    "visits_visit",
    "visits_page",
    "visits_query",
    "visits_querystep",
    *(f"crf_{form}" for form in FORMS),
)


class Migration(migrations.Migration):
    dependencies = [("visits", "0002_addresses_and_trail")]
    operations = [
        migrations.RunSQL(
            (Path(__file__).parent.parent / "sql" / "lock.sql").read_text(encoding="utf-8"),
            migrations.RunSQL.noop,
        ),
        *[migrations.RunSQL(f"SELECT lock_attach('{table}')", migrations.RunSQL.noop) for table in WATCHED],
    ]
