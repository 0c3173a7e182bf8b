"""Jobs that a person has discarded, and when each periodic task last ran."""

from django.db import migrations, models
from django.db.models.functions import Now

STATES = ["QUEUED", "RUNNING", "DONE", "DEAD", "DISCARDED"]


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_sight")]
    operations = [
        migrations.CreateModel(
            name="Periodic",
            fields=[
                ("task", models.TextField(primary_key=True, serialize=False)),
                ("ran_at", models.DateTimeField(db_default=Now())),
            ],
            options={"db_table": "audit_periodic"},
        ),
        migrations.RemoveConstraint(model_name="job", name="audit_job_state"),
        migrations.AlterField(
            model_name="job",
            name="state",
            field=models.TextField(
                choices=[(state, state.capitalize()) for state in STATES], default="QUEUED"
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(condition=models.Q(state__in=STATES), name="audit_job_state"),
        ),
    ]
