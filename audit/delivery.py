"""Ways by which a digest of the trail leaves: each is a function of a name and a text, named in the settings.

DIGEST_DELIVERY lists them by dotted path; an installation adds its own (write-once storage, a time stamp
authority) without a change here. One that fails raises, and the job of the day is tried again.
"""

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

Deliver = Callable[[str, str], None]


def ways() -> list[Deliver]:
    """Return the ways that the settings name."""
    return [import_string(path) for path in settings.DIGEST_DELIVERY]


def to_folder(name: str, text: str) -> None:
    """Write the digest into DIGEST_FOLDER, once: a name that exists already is never written again."""
    folder = Path(settings.DIGEST_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    begun = folder / f".{name}.{os.getpid()}"
    try:
        begun.write_text(text, encoding="utf-8")
        begun.chmod(0o444)
        os.link(begun, folder / name)
    except FileExistsError:
        pass
    finally:
        begun.unlink(missing_ok=True)


def by_mail(name: str, text: str) -> None:
    """Send the digest to each address of DIGEST_MAIL_TO, in mailboxes that this machine cannot reach."""
    for address in settings.DIGEST_MAIL_TO:
        mail = EmailMessage("Defier: digest of the audit trail", "", to=[address])
        mail.attach(name, text, "application/json")
        mail.send()
