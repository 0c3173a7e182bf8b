"""Let unsaved work follow its subject to another site."""

from django.db import migrations

TABLES = ("visits_autosave", "visits_draft", "visits_presence")


class Migration(migrations.Migration):
    dependencies = [("visits", "0009_imports")]
    operations = [
        migrations.RunSQL(f"SELECT follow_attach('{table}')", migrations.RunSQL.noop) for table in TABLES
    ]
