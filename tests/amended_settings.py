"""The product's settings with the amendment of the tests, for the processes of a browser test."""

from defier.settings import *  # noqa: F403
from defier.settings import INSTALLED_APPS as KNOWN

INSTALLED_APPS = [*KNOWN, "tests.amended_app.Amended"]
