"""Taking out of the trail what should never have been written: a name, a telephone number (AUD-17).

For the owner's connection only. The current value is cleared first, through save_pages; then every entry that
holds it is redacted, the clearing included.
"""

from django.db import connections

from audit.actors import Actor
from audit.context import Reason, acting


def redact(
    *, chain: str, n: int, item: str, by: Actor, second: Actor, reason: Reason, using: str = "owner"
) -> None:
    """Replace one item's old and new values in one entry; the chain keeps holding, and names both people.

    ValueError where the two are one person; DatabaseError P0E07 where the entry has no such item.
    """
    if by.identity == second.identity:
        raise ValueError("A redaction needs two people")
    with acting(by=by, reason=reason, using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_redact(%s, %s, %s, %s)", [chain, n, item, second.identity])
