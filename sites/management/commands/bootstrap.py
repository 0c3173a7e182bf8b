"""Make the first administrator of a real study, and nothing else (ACC-11)."""

import getpass
import secrets
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.accounts import add_user, grant_membership
from sites.models import User
from sites.roles import Role

BY = Actor.system("bootstrap", origin="command")


class Command(BaseCommand):
    """manage.py bootstrap --username NAME --full-name NAME"""

    help = "Make the first administrator. Refused as soon as any account exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--full-name", required=True)
        parser.add_argument("--full-name-zh", default="")
        parser.add_argument("--language", default="en", choices=("en", "zh-hans"))
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the first password from the standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account; its password must be changed at the first sign-in."""
        if User.objects.exists():
            raise CommandError("There are accounts already: the administrator makes further ones.")
        given = _password() if options["password_stdin"] else ""
        password = given or secrets.token_urlsafe(18)
        try:
            with acting(by=BY):
                user = add_user(
                    username=options["username"],
                    full_name=options["full_name"],
                    full_name_zh=options["full_name_zh"],
                    language=options["language"],
                    password=password,
                    must_change_password=True,
                    by=BY,
                )
                grant_membership(
                    user=user, role=Role.ADMINISTRATOR, site=None, from_date=clock.today(), by=BY
                )
        except ValidationError as refused:
            raise CommandError("; ".join(refused.messages)) from refused
        self.stdout.write(f"Administrator {user.username} made.")
        if not given:
            self.stdout.write(f"First password, shown once: {password}")
        self.stdout.write("It must be changed at the first sign-in.")


def _password() -> str:
    """Read one line; from a terminal without showing it."""
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
