"""manage.py demo_logins: who can log in to the demo, one person per role."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from defier.demo import catalogue
from sites.institutions import INSTITUTION
from sites.roles import Role

SHOWN_SITE = "07"


class Command(BaseCommand):
    """Prints one login per role of the demo."""

    help = "Print one login per role of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        seen: set[str] = set()
        self.stdout.write(f"Password of everybody: {catalogue.PASSWORD}\n\n")
        for one in catalogue.PEOPLE:
            if one.role in seen or one.site not in (None, SHOWN_SITE):
                continue
            seen.add(one.role)
            where = INSTITUTION[one.site].name.en if one.site else "whole study"
            role = Role(one.role).label.en
            self.stdout.write(f"  {one.username:<14}{role:<28}{one.name} {one.name_zh}, {where}")
