"""manage.py redact: carry out, as the owner of the trail, what two people have agreed to take out of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from visits.trail import redacting
from visits.trail.records import Redaction


class Command(BaseCommand):
    help = "Take out of the trail what two people have agreed on (needs DATABASE_OWNER_URL)."

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections:
            raise CommandError("The trail is changed by its owner alone: set DATABASE_OWNER_URL")
        agreed = Redaction.objects.filter(state=Redaction.State.AGREED).select_related("page", "subject")
        for one in agreed:
            try:
                entries = redacting.carry_out(one)
            except redacting.RedactionRefused as refused:
                self.stderr.write(f"{one.pk}: {refused}")
            else:
                self.stdout.write(f"{one.pk}: taken out of {entries} entries.")
