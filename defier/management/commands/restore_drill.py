"""manage.py restore_drill: take a copy, restore it beside the study, prove it whole, drop it."""

import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from defier import copies


class Command(BaseCommand):
    help = "Prove that a backup can be restored: rows, chains, guards and files; exit 1 where one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the drill while the study is in use: backup and counts are of the same instant."""
        name = f"drill_{secrets.token_hex(4)}"
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="drill") as folder:
                file = Path(folder) / "copy"
                with copies.one_instant() as (snapshot, here):
                    copies.dump(file, snapshot=snapshot)
                dumped = time.monotonic()
                until = copies.restore(file, name)
                size = file.stat().st_size
            restored = time.monotonic()
            wrong = here.differences(copies.content(name))
            wrong += [str(one) for one in copies.broken_chains(name)] + copies.damaged_files(name)
        except copies.NoCopy as error:
            raise CommandError(str(error)) from error
        finally:
            copies.drop(name)
        self.stdout.write(
            f"Backup {dumped - began:.1f} s, {size:,} bytes; restore {restored - dumped:.1f} s;"
            f" proof {time.monotonic() - restored:.1f} s. Last entry: {until}."
        )
        self.stdout.write(
            f"{sum(here.rows.values()):,} rows in {len(here.rows)} tables, {here.heads[:40]}…, {here.guards}."
        )
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("Every row, chain, guard and file is in the restored copy.")
