"""Count the hard checks that hold on a page; keep with an automatic query what its check has read."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_safety")]
    operations = [
        migrations.AddField("page", "contradicted", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("query", "about", models.CharField(max_length=20, blank=True, default="")),
        migrations.AddField("query", "read", models.JSONField(default=list)),
        migrations.RemoveConstraint("query", "query_one_standing_per_check"),
        migrations.AddConstraint(
            "query",
            models.UniqueConstraint(
                fields=["page", "check_id", "about"],
                condition=Q(origin="AUTO", state__in=["CANDIDATE", "OPEN", "ANSWERED"]),
                name="query_one_standing_per_check",
            ),
        ),
        migrations.AddIndex(
            "query",
            models.Index(fields=["check_id", "state"], condition=Q(origin="AUTO"), name="query_by_check"),
        ),
    ]
