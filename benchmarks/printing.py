"""How fast pages become PDF, on one core, warm (design §5); on the demo's first subjects, writes nothing."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator

import django

from benchmarks.http import demo
from benchmarks.measurement import Measurement, percentile, seconds

TIMES = 5


def measure() -> Iterator[Measurement]:
    """Casebook of the subject with most pages, and one page of it; by the processor's time and the wall's."""
    with demo():
        yield from _measured()


def _measured() -> Iterator[Measurement]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "defier.settings")
    django.setup()
    from django.db.models import Count

    from audit import clock
    from subjects.models import Subject
    from visits import dossier as dossiers
    from visits.models import Page
    from visits.printing.confined import confined_pdf
    from visits.printing.pages import Printing, casebook_html, page_html
    from visits.printing.render import to_pdf

    longest = Page.objects.values("subject").annotate(n=Count("pk")).order_by("-n").first()
    if longest is None:
        return
    subject = Subject.objects.select_related("site").get(pk=longest["subject"])
    dossier = dossiers.load(subject)
    printing = Printing("Benchmark", clock.now(), simulated=True)
    casebook = casebook_html(dossier, dossier.pages, printing)
    record = max(dossier.pages, key=lambda page: len(page.values))
    page = page_html(dossier, record, printing)
    pages = to_pdf(casebook).pages
    gc.freeze()
    gc.disable()
    busy = []
    for _ in range(TIMES):
        begun = time.process_time()
        to_pdf(casebook)
        busy.append(time.process_time() - begun)
    gc.enable()
    yield Measurement("casebook, pages per second of one core", pages / min(busy), "/s", 20, at_least=True)
    whole = percentile(seconds(lambda: confined_pdf(casebook), times=TIMES), 0.5)
    yield Measurement(f"casebook of {pages} pages in its own process", whole, "s")
    one = percentile(seconds(lambda: confined_pdf(page), times=TIMES), 0.5)
    yield Measurement("one page in its own process", one, "s", 0.3)
