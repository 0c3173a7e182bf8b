"""Let results follow their subject to another site."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_snapshots"), ("subjects", "0003_transfer_and_void")]
    operations = [migrations.RunSQL("SELECT follow_attach('outcomes_result')", migrations.RunSQL.noop)]
