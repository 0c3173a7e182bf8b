"""Many who write at once: chains hold, times ascend, nobody waits for ever."""

import threading
import uuid

import pytest
from django.db import connection

from audit.context import acting
from audit.models import Entry
from audit.verify import verify
from tests.audit.probe import WANG, one

WRITERS, ACTS = 6, 15


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("probe_database")
def test_writers_of_the_same_chains_wait_their_turn() -> None:
    subjects = sorted(uuid.uuid4() for _ in range(2))
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(ACTS):
                with acting(by=WANG):
                    for subject in subjects:
                        one(subject_id=subject).save(force_insert=True)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verify() == []
    for subject in subjects:
        entries = list(Entry.objects.filter(chain=f"subject:{subject}").values_list("n", "at"))
        assert [n for n, _ in entries] == list(range(1, WRITERS * ACTS + 1))
        assert [at for _, at in entries] == sorted(at for _, at in entries)
