"""manage.py verify_audit: check the trail and name every broken chain."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.models import Entry, Head
from audit.verify import verify


class Command(BaseCommand):
    help = "Check every hash of the audit trail; exit 1 and name chain and entry where one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", help="one chain only, for example site:07")
        parser.add_argument("--database", default="default", help="the database alias to read")

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        broken = verify(chain=options["chain"], using=using)
        for one in broken:
            self.stderr.write(str(one))
        if broken:
            sys.exit(1)
        entries, chains = Entry.objects.using(using), Head.objects.using(using)
        if options["chain"]:
            entries, chains = entries.filter(chain=options["chain"]), chains.filter(chain=options["chain"])
        self.stdout.write(f"{entries.count()} entries in {chains.count()} chains hold.")
