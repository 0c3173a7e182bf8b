"""manage.py anchor_audit: sign the heads of all chains, or check the trail against an earlier anchor."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import anchor


class Command(BaseCommand):
    help = (
        "Print a signed anchor of all chains, to be kept on another machine (a daily job of that machine may "
        "fetch it); --check FILE compares the trail with an anchor and exits 1 where it was rewritten."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--make-key", metavar="FILE", help="write a new key to FILE and FILE.pub, once")
        action.add_argument("--check", metavar="FILE", help="an anchor printed earlier")
        parser.add_argument("--key", help="the private key to sign with, or the public key to check with")
        parser.add_argument("--database", default="default", help="the database alias to read")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["make_key"]:
            anchor.write_key(Path(options["make_key"]))
        elif not options["key"]:
            raise CommandError("Name the key: --key FILE")
        elif options["check"]:
            self._check(Path(options["check"]), Path(options["key"]), options["database"])
        else:
            heads = anchor.take(using=options["database"])
            self.stdout.write(anchor.sign(heads, Path(options["key"]).read_bytes()))

    def _check(self, file: Path, public: Path, using: str) -> None:
        try:
            earlier = anchor.read(file.read_text(), public.read_bytes())
        except anchor.ForgedAnchorError as error:
            raise CommandError(str(error)) from error
        broken = anchor.check(earlier, using=using)
        for one in broken:
            self.stderr.write(str(one))
        if broken:
            sys.exit(1)
        self.stdout.write(f"All {len(earlier.chains)} chains still hold what they held at {earlier.at}.")
