"""Transfers between sites and voided subjects; let rows follow their subject and page (subjects/sql)."""

import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import audit.clock

FOLLOW = Path(__file__).resolve().parent.parent / "sql" / "follow.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('sites', '0004_single_keys'),
        ('subjects', '0002_trail'),
        ('audit', '0002_both_chains'),
    ]

    operations = [
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('reason', models.TextField()),
                ('state', models.CharField(choices=[('PROPOSED', 'Proposed'), ('ACCEPTED', 'Accepted'), ('DECLINED', 'Declined')], default='PROPOSED', max_length=8)),
                ('proposed_by_id', models.CharField(max_length=36)),
                ('proposed_by', models.CharField(max_length=120)),
                ('proposed_at', models.DateTimeField(default=audit.clock.now)),
                ('decided_by_id', models.CharField(blank=True, default='', max_length=36)),
                ('decided_by', models.CharField(blank=True, default='', max_length=120)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-proposed_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Voiding',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('by_id', models.CharField(blank=True, default='', max_length=36)),
                ('by_name', models.CharField(max_length=120)),
                ('at', models.DateTimeField(default=audit.clock.now)),
                ('pages', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('queries', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('restored_at', models.DateTimeField(null=True)),
                ('restored_by', models.CharField(blank=True, default='', max_length=120)),
                ('restored_reason', models.TextField(blank=True, default='')),
            ],
            options={
                'ordering': ['-at'],
                'default_permissions': (),
            },
        ),
        migrations.RemoveConstraint(
            model_name='subject',
            name='subject_number_once',
        ),
        migrations.AddField(
            model_name='subject',
            name='voided_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='transfer',
            name='from_site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='site',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='subject',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='subjects.subject'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='to_site',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site'),
        ),
        migrations.AddField(
            model_name='voiding',
            name='site',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site'),
        ),
        migrations.AddField(
            model_name='voiding',
            name='subject',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='voidings', to='subjects.subject'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'PROPOSED')), fields=('subject',), name='transfer_proposed_once'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('from_site', models.F('to_site')), _negated=True), name='transfer_moves'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ACCEPTED'), _negated=True), models.Q(('decided_by_id', models.F('proposed_by_id')), _negated=True), _connector='OR'), name='transfer_by_two_people'),
        ),
        migrations.AddConstraint(
            model_name='voiding',
            constraint=models.UniqueConstraint(condition=models.Q(('restored_at', None)), fields=('subject',), name='voiding_stands_once'),
        ),
        migrations.RunSQL(FOLLOW.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        *[
            migrations.RunSQL(statement.format(table=table), migrations.RunSQL.noop)
            for table in ("subjects_transfer", "subjects_voiding")
            for statement in (
                "ALTER TABLE {table} ADD FOREIGN KEY (site_id, subject_id)"
                " REFERENCES subjects_subject (site_id, id)",
                "SELECT follow_attach('{table}')",
                "SELECT audit_attach('{table}', 'subject', false)",
            )
        ],
    ]
