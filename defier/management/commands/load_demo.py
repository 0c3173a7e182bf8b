"""manage.py load_demo: the invented study of 578 subjects, in a database of its own."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from defier.demo import load
from defier.demo.study import NotADemo


class Command(BaseCommand):
    """Loads the demo, going on where an earlier load stopped; several may run at once."""

    help = "Load the demo study into its own database; run again, it goes on where it stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--first",
            type=int,
            metavar="N",
            help="load only N subjects, chosen to show every state, and leave the rest to a job;"
            " 0 sets up the study alone, which is to happen before the web processes start",
        )

    def handle(self, *args: Any, first: int | None, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO=1 is not set: the demo is not loaded beside a real study.")
        begun = time.monotonic()
        try:
            loaded = load.load(first, say=self._say)
        except NotADemo as refused:
            raise CommandError(str(refused)) from refused
        if loaded:
            load.ask_for_results()
        if first:
            load.ask_for_the_rest()
        self.stdout.write(f"{loaded} subjects loaded in {time.monotonic() - begun:.1f} s.")

    def _say(self, done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            self.stdout.write(f"{done} of {total} subjects")
            self.stdout.flush()
