"""`make run`: database, broker, migrations, demo, web and workers, all children of this one process.

The children live in sessions of their own and die with this process however it ends; when one of them dies,
this process says which, ends the others and itself.
"""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from defier import addresses, children, embedded, processes

FIRST_SUBJECTS = 40
PATIENCE = 5  # seconds for a job to end by itself; its row makes it run again after the next start
PROGRAMS = Path(sys.executable).parent


class Asked(Exception):
    """Somebody asked us to end."""


class House:
    """The running processes, by name, in the order in which they were started."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.var = addresses.var_folder()
        self.lock: int | None = None

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def start(self, process: processes.Process, **more: str) -> None:
        """Start a long-running process of the table, without the address of the owner."""
        told = {**self.environment, "DATABASE_OWNER_URL": "", **process.environment, **more}
        command = [str(PROGRAMS / process.command[0]), *process.command[1:]]
        # A killed supervisor cannot wait for a job to end: the job row makes another worker do it again.
        last_word = signal.SIGTERM if process is processes.WEB else signal.SIGKILL
        self.running[process.name] = children.spawn(
            command, environment=told, log=self.log(process.name), dies_with=last_word, cwd=addresses.ROOT
        )

    def command(self, name: str, *words: str) -> None:
        """Run a command of manage.py, which may use the owner's address; RuntimeError when it fails."""
        process = children.spawn(
            [sys.executable, "manage.py", *words],
            environment={**self.environment, "EDC_PROCESS": name, "EDC_STATEMENT_TIMEOUT": "10min"},
            log=self.log(name),
            dies_with=signal.SIGKILL,
            cwd=addresses.ROOT,
        )

        try:
            status = process.wait()
        except BaseException:
            children.kill_group(process.pid)
            raise
        if status:
            raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{tail(self.log(name))}")

    def fallen(self) -> str | None:
        """Return the name of a process that has ended, None while all live."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """Ask all to end, at once for the processes of ours, then the broker, then the database."""
        servers: dict[str, subprocess.Popen[bytes]] = {
            name: self.running.pop(name) for name in ("postgres", "valkey-server") if name in self.running
        }
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        for process in reversed(self.running.values()):
            children.stop(process, patience=PATIENCE)
        embedded.stop_all(servers)


def tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def main(arguments: list[str] | None = None) -> int:
    """Run the system until Ctrl-C; 0 when asked to end, 1 when a part failed."""
    parser = argparse.ArgumentParser(prog="python -m defier.run", description="Run the whole system.")
    parser.add_argument("--real", action="store_true", help="an empty study of your own instead of the demo")
    parser.add_argument("--port", type=int, default=8000, help="preferred port of the web server")
    parser.add_argument("--with-parent", action="store_true", help="end when the parent process ends")
    chosen = parser.parse_args(arguments)
    if chosen.with_parent:
        children.die_with_parent(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask)
    house = House(dict(os.environ))
    try:
        return _run(house, demo=not chosen.real, port=embedded.free_port(chosen.port))
    except Asked:
        print("\nStopping.", flush=True)
        return 0
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave a half-stopped house
        house.stop()


def _ask(number: int, frame: FrameType | None) -> None:
    raise Asked


def _run(house: House, *, demo: bool, port: int) -> int:
    begun = time.monotonic()
    _be_the_only_one(house, port)
    _find_servers(house, demo=demo)
    house.command("migrate", *processes.MIGRATE[2:])
    if demo:  # the study and its clock, before a process asks what time it is
        house.command("demo", "load_demo", "--first", "0")
    house.start(processes.WEB, WEB_BIND=f"127.0.0.1:{port}")
    for process in (processes.WORKER, processes.PDF, processes.BEAT):
        house.start(process)
    if demo:
        house.command("demo", "load_demo", "--first", str(FIRST_SUBJECTS))
    _wait_for_web(house, port)
    _welcome(house, port, demo=demo, seconds=time.monotonic() - begun)
    return _watch(house)


def _be_the_only_one(house: House, port: int) -> None:
    """Hold the lock of this folder until the process ends; RuntimeError with the address of who has it."""
    house.var.mkdir(parents=True, exist_ok=True)
    file = house.var / "run.lock"
    house.lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)  # staying open is what holds it
    try:
        fcntl.flock(house.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RuntimeError(f"It already runs: {file.read_text()}") from None
    file.write_text(f"http://127.0.0.1:{port}/")


def _find_servers(house: House, *, demo: bool) -> None:
    """Use the database and broker that the environment names, else running embedded ones, else start them."""
    if not os.environ.get("DATABASE_URL"):
        found = embedded.running(house.var)
        if found is None:
            servers = embedded.launch(house.var, demo=demo, dies_with_us=True)
            house.running.update(servers.processes)
            found = servers.environment
        elif found["DEMO"] != str(int(demo)):
            raise RuntimeError("Embedded servers run for another study: python -m defier.embedded stop")
        house.environment.update(found)
    house.environment["DEMO"] = str(int(demo))


def _wait_for_web(house: House, port: int) -> None:
    process, log = house.running["web"], house.log("web")
    children.wait_for(lambda: answers(port), process=process, log=log, seconds=60)


def answers(port: int) -> bool:
    """Whether the web server says that it and its database are alive."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _welcome(house: House, port: int, *, demo: bool, seconds: float) -> None:
    print(f"\nReady after {seconds:.0f} s:  http://127.0.0.1:{port}/\n")
    if demo:
        _print_logins(house.environment)
    else:
        print("The study is empty. `make bootstrap` makes the first administrator.")
    print(f"\nLogs are in {house.var / 'log'}. Ctrl-C ends everything and keeps the data.\n", flush=True)


def _print_logins(environment: Mapping[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "demo_logins"], cwd=addresses.ROOT, env=dict(environment), check=False
    )


def _watch(house: House) -> int:
    """Stay while every part lives; return 1 when one has ended."""
    while (name := house.fallen()) is None:
        time.sleep(0.5)
    print(f"{name} has ended; stopping the rest.\n{tail(house.log(name))}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
