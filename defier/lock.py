"""Write the lock files: `make lock`. They name versions and hashes, and no registry."""

import subprocess
import sys
from pathlib import Path

from defier.addresses import ROOT

OPTIONS = (
    *("--quiet", "--generate-hashes", "--strip-extras", "--allow-unsafe", "--no-header", "--no-annotate"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-emit-options"),
)


def main() -> int:
    """Compile the packages of the product, then those of development held to the same versions."""
    compiler = str(Path(sys.executable).with_name("pip-compile"))
    for words in (
        ["-o", "requirements.lock", "pyproject.toml"],
        ["--extra", "dev", "-c", "requirements.lock", "-o", "requirements-dev.lock", "pyproject.toml"],
    ):
        subprocess.run([compiler, *OPTIONS, *words], cwd=ROOT, check=True)
    subprocess.run(["npm", "install", "--package-lock-only"], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
