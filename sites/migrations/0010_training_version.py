"""Which version of the protocol a training was in; empty: the first, since there was no other then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0009_counter_forgets")]
    operations = [
        migrations.AddField("training", "version", models.CharField(blank=True, default="", max_length=10)),
    ]
