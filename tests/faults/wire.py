"""A line between browser and server that is slow and cuts connections."""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle

CUT_BEFORE, CUT_AFTER, GOOD = 0, 1, 2
THREE = (CUT_BEFORE, CUT_AFTER, GOOD)
RESET = struct.pack("ii", 1, 0)


@contextmanager
def bad_wire(port: int, *, seconds: float, fates: Sequence[int] = THREE) -> Iterator[int]:
    """Yield a port that leads to another: each answer waits, and connections meet these fates in turn: cut
    before the server has heard of it, cut after the server has answered, or whole."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_take, args=(listener, port, seconds, fates), daemon=True).start()
        yield listener.getsockname()[1]


def _take(listener: socket.socket, port: int, seconds: float, fates: Sequence[int]) -> None:
    for fate in cycle(fates):
        try:
            near, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(near, port, seconds, fate), daemon=True).start()


def _carry(near: socket.socket, port: int, seconds: float, fate: int) -> None:
    with near, suppress(OSError):
        asked = _whole(near)
        time.sleep(seconds)
        if fate == CUT_BEFORE:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return
        with socket.create_connection(("127.0.0.1", port), timeout=60) as far:
            far.sendall(asked)
            answer = b"".join(iter(lambda: far.recv(65536), b""))
        if fate == GOOD:
            near.sendall(answer)
        else:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def _whole(near: socket.socket) -> bytes:
    """Read one request with its body; urllib asks for the connection to be closed after it."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += near.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += near.recv(65536)
    return head + b"\r\n\r\n" + body
