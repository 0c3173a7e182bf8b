"""What the machine has to have before anything else: Debian packages, the virtual environment, npm's files.

Run by the Makefile with the system's Python, so it imports nothing that is not in the standard library:
`python3 -m defier.machine run` or `... test`. Nothing is done twice: what was installed is noted in the
environment's folder, by the hash of the file that asked for it.
"""

import ctypes
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = "requirements-dev.lock"
CJK_FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-zenhei/wqy-zenhei.ttc",
)


def missing_packages(purpose: str) -> list[str]:
    """Return Debian's names of what is missing: judged by the thing itself, not by the list of packages."""
    missing = []
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))) and not (VENV / "bin/pip").exists():
        missing.append("python3-venv")
    if not shutil.which("npm"):
        missing.append("npm")
    for library, package in (
        ("libpango-1.0.so.0", "libpango-1.0-0"),
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset0"),
    ):
        if not _loads(library):
            missing.append(package)
    if not any(map(os.path.exists, CJK_FONTS)):
        missing.append("fonts-wqy-zenhei")
    if purpose == "test" and not (shutil.which("chromium") or shutil.which("chromium-browser")):
        missing.append("chromium")
    return missing


def install(packages: list[str]) -> bool:
    """Install Debian packages when that needs no password; else print the command and return False."""
    apt = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    prefix = _privilege()
    if prefix is None or not shutil.which("apt-get"):
        print("These packages of the system are missing. Please run\n\n    sudo " + shlex.join(apt) + "\n")
        return False
    print("Installing packages of the system:", *packages, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], apt):
        done = subprocess.run([*prefix, *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        print("That failed. Please run\n\n    " + shlex.join([*prefix, *apt]) + "\n")
    return done.returncode == 0


def make_environment() -> None:
    """Make .venv and install exactly what the lock file says, by hash."""
    stamp = VENV / f".{LOCK}"
    wanted = hashlib.sha256((ROOT / LOCK).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing Python packages (a minute or two)", flush=True)
    if not (VENV / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    exactly = ["--no-deps", "--require-hashes", "--use-pep517", "-r", str(ROOT / LOCK)]
    subprocess.run([*pip, "install", *exactly], check=True)
    subprocess.run([*pip, "check"], check=True)
    stamp.write_text(wanted)


def make_node_modules() -> None:
    """Install exactly what package-lock.json says."""
    stamp = ROOT / "node_modules" / ".package-lock.hash"
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the browser's packages", flush=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT, check=True)
    stamp.write_text(wanted)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _privilege() -> list[str] | None:
    """Return the words before a command of root's: none when root, sudo without a password, else None."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def main() -> int:
    """Prepare the machine for `run` or `test`; 1 when a person has to install something first."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if (missing := missing_packages(purpose)) and not install(missing):
        return 1
    try:
        make_environment()
        make_node_modules()
        subprocess.run([VENV / "bin" / "python", "-m", "defier.assets"], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        print(f"This did not work: {shlex.join(map(str, error.cmd))}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
