"""Jobs of the composed application: the rest of the demo's subjects."""

from __future__ import annotations

from typing import Any

from audit import jobs
from defier.demo import load


@jobs.job("load_demo_rest")
def load_demo_rest(progress: jobs.Progress) -> dict[str, Any]:
    """Load the demo's subjects that are not there yet; the endpoints are computed afterwards."""
    loaded = load.load(None, say=lambda done, total: progress.set(done, total, "subjects"))
    load.ask_for_results()
    return {"loaded": loaded}
