"""The jobs of this application: mails about accounts, and the upkeep of access once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from audit.jobs import Progress, job


@job("send_invitation")
def send_invitation(progress: Progress, user: str) -> dict[str, Any]:
    """Mail a person the link by which they choose a password."""
    from sites import invitations

    invitations.send(UUID(user), by=progress.by)
    return {}


@job("lockout_notice")
def lockout_notice(progress: Progress, user: str) -> dict[str, Any]:
    """Tell a person and the administrators that the account was shut after five failures."""
    from sites import notices

    return {"told": notices.tell_locked_out(UUID(user))}


@job("way_in_notice")
def way_in_notice(progress: Progress, user: str, entry: int) -> dict[str, Any]:
    """Tell a person what somebody else did to what opens the account, as an entry of the trail says it."""
    from sites import way_in

    return {"told": way_in.tell(UUID(user), entry)}


@job("access_day")
def access_day(progress: Progress) -> dict[str, Any]:
    """Make the reviews of a new quarter, shut accounts that nobody uses, and say what is overdue."""
    from sites import access_reviews, rates

    rates.forget_old(before=datetime.now(UTC) - timedelta(days=1))
    return access_reviews.day(by=progress.by)
