"""Rendering in a process of its own that may use so much time and memory and no more (SEC-11).

A fork of the worker, so that fonts and libraries are warm; it opens nothing, writes its result into a pipe
and ends. Whatever happens in it, the worker lives.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from visits.printing.render import OutsideAsset, Rendered, TooManyPages, to_pdf

SECONDS = 60
MEMORY = 1 << 30


FAILURES: dict[str, type[Exception]] = {"OutsideAsset": OutsideAsset, "TooManyPages": TooManyPages}


class TooCostly(Exception):
    """The rendering used more time or memory than it may, or failed otherwise."""


def confined_pdf(
    html: str,
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    told: Callable[[int], None] | None = None,
    draw: Callable[..., Rendered] = to_pdf,
) -> Rendered:
    """Render within limits; `told` hears the number of every page.

    Raises TooCostly, and what render.to_pdf raises.
    """
    here, there = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        _be_the_child(there, html, seconds, memory, draw)
    there.close()
    try:
        return _listen(here, time.monotonic() + seconds, told)
    finally:
        here.close()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _listen(here: Connection, until: float, told: Callable[[int], None] | None) -> Rendered:
    while here.poll(max(until - time.monotonic(), 0)):
        try:
            kind, *said = here.recv()
        except EOFError as error:
            raise TooCostly("the rendering was ended at its limit of time or memory") from error
        if kind == "page":
            if told is not None:
                told(said[0])
        elif kind == "done":
            return Rendered(*said)
        else:
            raise FAILURES.get(said[0], TooCostly)(": ".join(said))
    raise TooCostly("the rendering took too long")


def _be_the_child(
    there: Connection, html: str, seconds: float, memory: int, draw: Callable[..., Rendered]
) -> NoReturn:
    """Limit this process, render, say how it went, and end without any of the parent's clean-up."""
    try:
        gc.disable()  # nothing lives long enough here to be worth collecting: a quarter of the time
        _limit(seconds, memory)
        made = draw(html, told=lambda number: there.send(("page", number)))
        there.send(("done", made.content, made.pages))
    except BaseException as error:  # the parent tells; here nothing is left to do
        _try_to_say(there, error)
    finally:
        os._exit(0)


def _try_to_say(there: Connection, error: BaseException) -> Any:
    try:
        there.send(("failed", type(error).__name__, str(error)[:500]))
    except BaseException:  # out of memory even for this: the parent sees the end of the pipe
        return


def _limit(seconds: float, memory: int) -> None:
    with open("/proc/self/statm") as file:
        mapped = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(name, signal.SIG_DFL)
