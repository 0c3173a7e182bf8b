"""Leave the application no way to change or delete a step of a query."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_locks")]
    operations = [
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON visits_querystep FROM edc_app",
            "GRANT UPDATE, DELETE ON visits_querystep TO edc_app",
        ),
    ]
