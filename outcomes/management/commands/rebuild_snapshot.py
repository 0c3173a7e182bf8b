"""manage.py rebuild_snapshot ID: make a snapshot again and compare every byte with what is stored."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit.actors import Actor
from outcomes.models import Snapshot
from outcomes.snapshots import rebuild


class Command(BaseCommand):
    """Rebuilds one snapshot, or all; fails where a file differs."""

    help = "Make a snapshot again from the locked data and compare every byte."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("snapshot", nargs="?", help="the snapshot's id; all of them without")

    def handle(self, *args: Any, snapshot: str | None, **options: Any) -> None:
        wanted = Snapshot.objects.order_by("built_at")
        if snapshot is not None:
            try:
                wanted = wanted.filter(pk=UUID(snapshot))
            except ValueError as error:
                raise CommandError(f"{snapshot} is not the id of a snapshot.") from error
            if not wanted:
                raise CommandError(f"There is no snapshot {snapshot}.")
        by = Actor.system("rebuild_snapshot", origin="command")
        differing = 0
        for one in wanted:
            found = rebuild(one, by=by)
            differing += not found.identical
            self.stdout.write(f"{one.name} {one.pk}: {found}")
            for name in found.differing:
                self.stdout.write(f"  differs: {name}")
        if differing:
            raise CommandError(f"{differing} of the snapshots rebuilt differ.")
