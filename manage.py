#!/usr/bin/env python
"""Run a Django command; the addresses of database and broker come from the environment or from var/."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "defier.settings")
    from django.core.management import execute_from_command_line

    from audit.sight import seeing

    with seeing(None):  # a command is the operator's, and for the whole study
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
