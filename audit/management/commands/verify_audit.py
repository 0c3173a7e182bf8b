"""manage.py verify_audit: check the trail and name every broken chain, and every row that is unlike it."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import anchor
from audit.models import Entry, Head
from audit.rows import unlike
from audit.verify import Broken, verify


class Command(BaseCommand):
    help = (
        "Check every hash of the audit trail, and that the tables hold what it says;"
        " exit 1 and name chain and entry where one does not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", help="one chain only, for example site:07")
        parser.add_argument("--database", default="default", help="the database alias to read")
        parser.add_argument(
            "--against", metavar="DIGEST", help="also compare with a digest of an earlier day"
        )
        parser.add_argument(
            "--key", help="the public key of the digest; by default that of this installation"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        broken = verify(chain=options["chain"], using=using)
        if not options["chain"]:
            broken += unlike(using=using)
        if options["against"]:
            broken += self._against(Path(options["against"]), options["key"], using)
        for one in broken:
            self.stderr.write(str(one))
        if broken:
            sys.exit(1)
        entries, chains = Entry.objects.using(using), Head.objects.using(using)
        if options["chain"]:
            entries, chains = entries.filter(chain=options["chain"]), chains.filter(chain=options["chain"])
        self.stdout.write(f"{entries.count()} entries in {chains.count()} chains hold.")

    def _against(self, digest: Path, key: str | None, using: str) -> list[Broken]:
        """Return the chains that are no longer what the digest says, where it is what was signed."""
        public = Path(key or f"{settings.DIGEST_KEY}.pub")
        try:
            earlier = anchor.read(digest.read_text(encoding="utf-8"), public.read_bytes())
        except (anchor.ForgedAnchorError, OSError) as error:
            raise CommandError(f"{digest}: {error}") from error
        found = anchor.check(earlier, using=using)
        if not found:
            self.stdout.write(f"{len(earlier.chains)} chains still hold what they held at {earlier.at}.")
        return found
