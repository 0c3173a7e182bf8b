"""Make what the browser and the translations need out of their sources: `python -m defier.assets`.

The few files of npm packages that pages use go to static/vendor/, catalogues are compiled (by Babel: no
program of gettext is needed), and `collectstatic` gives every file a name that carries its hash.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from defier.addresses import ROOT

VENDOR = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
# Maps for developers are not served, and hashed names cannot be given to a reference that leads nowhere.
SOURCE_MAP = re.compile(r"^\s*(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", re.MULTILINE)


def copy_vendor(*, root: Path = ROOT) -> list[str]:
    """Copy the listed files of node_modules to static/vendor/ where they differ; return the names copied."""
    copied = []
    for name, source in VENDOR.items():
        wanted = SOURCE_MAP.sub("", (root / "node_modules" / source).read_text(encoding="utf-8"))
        target = root / "static" / "vendor" / name
        if not target.exists() or target.read_text(encoding="utf-8") != wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted, encoding="utf-8")
            copied.append(name)
    return copied


def compile_catalogues(*, root: Path = ROOT) -> list[str]:
    """Compile every .po that is newer than its .mo; return the files written."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    written = []
    for source in sorted((root / "locale").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as out:
            write_mo(out, catalogue)
        draft.replace(target)
        written.append(str(source.relative_to(root)))
    return written


def collect(*, root: Path = ROOT) -> bool:
    """Collect static files under hashed names unless nothing has changed since the last time."""
    manifest = root / "static_root" / "staticfiles.json"
    sources = [file for file in (root / "static").rglob("*") if file.is_file()]
    newest = max((file.stat().st_mtime for file in [*sources, root / "requirements.lock"]), default=0.0)
    if manifest.exists() and manifest.stat().st_mtime > newest:
        return False
    shutil.rmtree(root / "static_root", ignore_errors=True)
    os.environ["STATIC_HASHED"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "defier.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    return True


def main() -> int:
    """Do all of it; a second call that finds nothing to do takes well under a second."""
    copy_vendor()
    compile_catalogues()
    collect()
    return 0


if __name__ == "__main__":
    sys.exit(main())
