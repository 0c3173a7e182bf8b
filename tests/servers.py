"""The real servers under the tests: those that the environment names, else running ones, else our own."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from defier import addresses, children, cluster, embedded

NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_READ_URL", "REDIS_URL", "SECRET_KEY")


def ensure() -> embedded.Servers | None:
    """Point the environment at a database and a broker; return the servers that were started for it, if any.

    Servers of our own keep nothing (no fsync) and end with this process, even after kill -9.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("DATABASE_OWNER_URL"):
        os.environ.setdefault("SECRET_KEY", "tests")
        return None
    shared = None if os.environ.get("EDC_TEST_SERVERS") == "own" else embedded.running(addresses.var_folder())
    servers = None
    if shared is None:
        _forget_the_dead()
        var = _folder(os.getpid())
        servers = embedded.launch(var, demo=False, dies_with_us=True, options=embedded.FAST)
        shared = servers.environment
    os.environ.update({name: shared[name] for name in NAMES})
    return servers


def own_broker_database() -> None:
    """Give each process of tests its own numbered database of the broker (63 of them beside the demo's)."""
    parts = urlsplit(os.environ.get("REDIS_URL", ""))
    if parts.scheme:
        os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{1 + os.getpid() % 63}"))


def start_again() -> subprocess.Popen[bytes]:
    """Start our own PostgreSQL, which was stopped, where it was; return its process."""
    place = cluster.Cluster.at(_folder(os.getpid()), user=children.unprivileged_user())
    port = urlsplit(os.environ["DATABASE_URL"]).port
    assert port is not None
    return place.start(port=port, options=embedded.FAST, dies_with=signal.SIGINT)


def end(servers: embedded.Servers) -> None:
    """Stop the servers that `ensure` started and remove their folder."""
    embedded.stop_all(servers.processes)
    cluster.Cluster.at(_folder(os.getpid()), user=children.unprivileged_user()).discard()
    shutil.rmtree(_folder(os.getpid()), ignore_errors=True)


def _folder(pid: int) -> Path:
    return addresses.var_folder() / "tests" / str(pid)


def _forget_the_dead() -> None:
    """Remove the folders of runs that were killed; what they started has ended with them."""
    for folder in _folder(0).parent.glob("[0-9]*"):
        try:
            os.kill(int(folder.name), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
