"""Put subjects under the trail."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("subjects", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL("SELECT audit_attach('subjects_subject', 'subject', false)", migrations.RunSQL.noop)
    ]
