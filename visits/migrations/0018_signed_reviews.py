"""Keep how who reviewed a list of the trail proved to be themselves (AUD-14)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("visits", "0017_uploads")]
    operations = [
        migrations.AddField("trailreview", "method", models.CharField(blank=True, default="", max_length=20)),
    ]
