"""Put the study, its sites, people and catalogues under the trail."""

from django.db import migrations

CHAINS = {
    "sites_study": "study",
    "sites_site": "site",
    "sites_user": "study",
    "sites_membership": "site",
    "sites_consentversion": "site",
    "sites_deviceproduct": "study",
}


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(f"SELECT audit_attach('{table}', '{chain}', false)", migrations.RunSQL.noop)
        for table, chain in CHAINS.items()
    ]
