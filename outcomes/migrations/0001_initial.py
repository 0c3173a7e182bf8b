"""Results as last derived: tied to their subject and site by a composite key, outside the trail."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sites", "0002_trail"),
        ("subjects", "0002_trail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Result",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paramcd", models.CharField(max_length=12)),
                ("cohort", models.CharField(blank=True, default="", max_length=8)),
                ("aval", models.IntegerField(null=True)),
                ("cnsr", models.SmallIntegerField(null=True)),
                ("adt", models.DateField(null=True)),
                ("left", models.IntegerField(null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=8)),
                ("adjudicated", models.BooleanField(null=True)),
                ("explanation", models.JSONField(default=dict)),
                ("head", models.BigIntegerField()),
                ("head_hash", models.CharField(blank=True, default="", max_length=12)),
                ("computed_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sites.site",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="subjects.subject",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["paramcd", "site"], name="result_paramcd")],
                "constraints": [models.UniqueConstraint(fields=("subject", "paramcd"), name="result_once")],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE outcomes_result ADD FOREIGN KEY (site_id, subject_id)"
            " REFERENCES subjects_subject (site_id, id)",
            migrations.RunSQL.noop,
        ),
    ]
