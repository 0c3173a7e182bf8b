"""Let people switch off the keys that are single letters, digits or signs (WCAG 2.1.4)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0003_delegation_and_training")]
    operations = [
        migrations.AddField(
            model_name="user", name="single_keys", field=models.BooleanField(default=True)
        )
    ]
