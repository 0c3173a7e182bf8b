"""Show the rows of every table by their site; tables made later are attached by audit_attach."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0004_impact_reports"),
        ("visits", "0012_digests"),
        ("sites", "0006_calendars"),
        ("subjects", "0003_transfer_and_void"),
        ("audit", "0004_sight"),
    ]
    operations = [migrations.RunSQL("SELECT sight_attach_all()", migrations.RunSQL.noop)]
