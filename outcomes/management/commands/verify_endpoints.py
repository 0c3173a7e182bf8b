"""verify_endpoints FILE: prove the derivations on worked examples (protocol §5.1), leaving nothing behind."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from outcomes.timelines import Timeline, TimelineError, examples, read


class Command(BaseCommand):
    help = "Enter each worked example through save_pages, derive its endpoints, compare, and roll back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="lines of examples, or a Markdown page with ```ex blocks")
        parser.add_argument("--quiet", action="store_true", help="print mismatches and the count only")

    def handle(self, *args: Any, **options: Any) -> None:
        from outcomes.verification import verdicts

        timelines = self._read(options["file"])
        passed = failed = 0
        for timeline in timelines:
            for verdict in verdicts(timeline, self._derive(timeline)):
                passed, failed = passed + verdict.passed, failed + (not verdict.passed)
                if not verdict.passed or not options["quiet"]:
                    self.stdout.write(str(verdict))
        self.stdout.write(
            f"{len(timelines)} timelines, {passed + failed} assertions: {passed} passed, {failed} failed"
        )
        if failed:
            raise SystemExit(1)

    def _read(self, file: Path) -> list[Timeline]:
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        try:
            found = examples(text) if "```ex" in text else read(text)
        except TimelineError as error:
            raise CommandError(f"{file}: {error}") from error
        if not found:
            raise CommandError(f"{file}: no timelines")
        return found

    def _derive(self, timeline: Timeline) -> Any:
        from outcomes.entering import derive_entered

        with transaction.atomic():
            derived = derive_entered(timeline)
            transaction.set_rollback(True)
        return derived
