"""manage.py anchor_audit: sign the heads of all chains, or check the trail against an earlier anchor."""

import os
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
            self._make_key(Path(options["make_key"]))
        elif not options["key"]:
            raise CommandError("Name the key: --key FILE")
        elif options["check"]:
            self._check(Path(options["check"]), Path(options["key"]), options["database"])
        else:
            heads = anchor.take(using=options["database"])
            self.stdout.write(anchor.sign(heads, Path(options["key"]).read_bytes()))

    def _make_key(self, file: Path) -> None:
        private, public = anchor.make_key()
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            kept.write(private)
        file.with_name(f"{file.name}.pub").write_bytes(public)

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
