"""Where database and broker are: the environment, else the file that the embedded servers leave in var/."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


def var_folder() -> Path:
    """Return the folder of everything that this machine makes and keeps: EDC_VAR, else var/."""
    return Path(os.environ.get("EDC_VAR") or ROOT / "var")


def read(file: Path | None = None) -> dict[str, str]:
    """Return the lines NAME=value of the address file; none where there is no file or it may not be read."""
    try:
        text = (file or var_folder() / "address.env").read_text()
    except (FileNotFoundError, PermissionError):
        return {}
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def database(url: str, *, environment: Mapping[str, str], whole_study: bool = False) -> dict[str, object]:
    """Return a Django database definition for postgresql://role:password@host:port/name.

    A statement, a wait for a lock and an idle transaction end by themselves (SEC-21); job processes, which
    export and recompute, are given longer by EDC_STATEMENT_TIMEOUT. `whole_study` declares for the whole
    connection that all sites' rows are shown, as the owner needs it; else audit.sight says what is.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"Only PostgreSQL addresses are understood, not {parts.scheme}://")
    statement = environment.get("EDC_STATEMENT_TIMEOUT", "30s")
    return {
        "ENGINE": "audit.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "application_name": environment.get("EDC_PROCESS", "defier"),
            "options": f"-c statement_timeout={statement} -c lock_timeout=10s"
            " -c idle_in_transaction_session_timeout=60s" + (" -c edc.sites=*" if whole_study else ""),
        },
    }
