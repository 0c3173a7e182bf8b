"""manage.py restore FILE NAME: a copy in a database of its own, inert, and what it no longer knows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import anchor
from defier import copies


class Command(BaseCommand):
    help = "Restore a backup into a new database, which does nothing by itself until `manage.py release`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("name", help="the database to make")
        parser.add_argument(
            "--against", metavar="DIGEST", type=Path, help="a digest of the trail; by default the newest here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, recompute every chain, and list what was entered after the backup, to be entered anew."""
        name = options["name"]
        try:
            until = copies.restore(options["file"], name)
        except copies.NoCopy as error:
            raise CommandError(str(error)) from error
        broken = [str(one) for one in copies.broken_chains(name)] + copies.damaged_files(name)
        now = datetime.now(UTC)
        self.stdout.write(f"{name} holds what was entered until {until}.")
        self.stdout.write(
            f"Lost, and to be entered anew: everything from then to {now:%Y-%m-%d %H:%M:%S} UTC."
        )
        for line in self._lost(name, options["against"]):
            self.stdout.write(f"  {line}")
        self.stdout.write(f"It does nothing by itself until: manage.py release {name}")
        if broken:
            raise CommandError("\n".join(broken))

    def _lost(self, name: str, given: Path | None) -> list[str]:
        kept = sorted(Path(settings.DIGEST_FOLDER).glob("NCT07277218_trail_*.json"))
        newest = given or (kept[-1] if kept else None)
        if newest is None:
            return ["(no digest of the trail is here to say which subjects)"]
        try:
            known = anchor.read(
                newest.read_text(encoding="utf-8"), Path(f"{settings.DIGEST_KEY}.pub").read_bytes()
            )
        except (anchor.ForgedAnchorError, OSError) as error:
            raise CommandError(f"{newest}: {error}") from error
        return copies.lost(name, known) or [f"nothing that was known at {known.at}"]
