"""The product's settings with the bare saving of benchmarks/_bare.py in place of its own."""

from defier.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks._bare"
