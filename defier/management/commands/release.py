"""manage.py release NAME: let a restored copy work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from defier import copies


class Command(BaseCommand):
    help = "Release a restored copy: jobs are done and mails sent from it again, within a minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the restored database")

    def handle(self, *args: Any, **options: Any) -> None:
        waiting = copies.release(options["name"])
        self.stdout.write(f"{options['name']} is released; {waiting} jobs waited in it.")
