"""How many subjects a site plans to enrol."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0007_accounts")]
    operations = [
        migrations.AddField(
            model_name="site",
            name="planned_n",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
