"""Fill the study from its ClinicalTrials.gov record."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actors import Actor
from sites.loading import load_record
from sites.registry import RecordError


class Command(BaseCommand):
    """manage.py load_record FILE"""

    help = "Fill the study and its institutions from the record (JSON of ClinicalTrials.gov)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Load the record, or say what is wrong with it and change nothing."""
        try:
            loaded = load_record(file.read_bytes(), by=Actor.system("load_record", origin="command"))
        except OSError as unreadable:
            raise CommandError(f"{file}: {unreadable.strerror}") from unreadable
        except RecordError as wrong:
            raise CommandError(f"{file.name}: {wrong}. Nothing was changed.") from wrong
        record = loaded.record
        self.stdout.write(f"{record.nct_id} {record.brief_title}")
        self.stdout.write(f"Target {record.target_n}; planned {record.start} to {record.completion}.")
        self.stdout.write(f"Study: {', '.join(loaded.changed) or 'nothing'} changed.")
        self.stdout.write(f"Institutions: {', '.join(loaded.added_sites) or 'none'} added.")
        self.stdout.write(f"Contradictions in the record: {len(loaded.contradictions)}")
        for one in loaded.contradictions:
            self.stdout.write(f"  {one.id} {one.words.en} {one.words.zh}")
