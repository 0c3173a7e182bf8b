"""manage.py backup FILE: the whole database in one file, as of one instant."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from defier import copies


class Command(BaseCommand):
    help = "Write the whole database to a file that must not exist yet; readable to this account alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            file.touch(mode=0o600, exist_ok=False)
            copies.dump(file)
        except (copies.NoCopy, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
