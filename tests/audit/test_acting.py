"""Who, why and when: nothing is written without them (AUD-03, AUD-08, AUD-09); chains come in order."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.actors import Actor
from audit.context import Reason, acting, current_actor, record_event, take_chains
from audit.models import Entry
from audit.verify import verify
from tests.audit.probe import SITE, WANG, Probe, last, one, saved, state

pytestmark = pytest.mark.usefixtures("probe_database")

TYPO = Reason("TYPO")


def _save_twice(row: Probe, *, by: Actor) -> None:
    """Fail in the middle of an act: the second insert meets the first."""
    with acting(by=by):
        row.save(force_insert=True)
        row.save(force_insert=True)


def _save_in_order(*subjects: uuid.UUID) -> None:
    with acting(by=WANG):
        for subject in subjects:
            one(subject_id=subject).save(force_insert=True)


def _change(row: Probe, *, code: str, text: str) -> None:
    """Change a value with a reason as a caller of the database might declare it, past Reason."""
    with acting(by=WANG), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('edc.reason', %s, true), set_config('edc.reason_text', %s, true)", [code, text]
        )
        Probe.objects.filter(pk=row.pk).update(note="second")


@pytest.mark.urs("AUD-03")
def test_without_an_actor_nothing_is_written() -> None:
    before = Probe.objects.count()
    with pytest.raises(DatabaseError) as refused:
        one().save(force_insert=True)
    assert state(refused) == "P0E01"
    with pytest.raises(DatabaseError) as refused:
        Probe.objects.bulk_create([one(), one()])
    assert state(refused) == "P0E01"
    assert Probe.objects.count() == before


@pytest.mark.urs("AUD-03")
@pytest.mark.parametrize("missing", ["user_id", "name", "role"])
def test_an_actor_has_id_name_and_role(missing: str) -> None:
    from dataclasses import replace

    nobody = replace(WANG, **{missing: " "})
    with pytest.raises(DatabaseError) as refused, acting(by=nobody):
        one().save(force_insert=True)
    assert state(refused) == "P0E01"


@pytest.mark.urs("AUD-03")
def test_somebody_who_is_not_signed_in_writes_nothing() -> None:
    nobody = Actor(user_id=None, name="nobody", role="NONE")
    with pytest.raises(DatabaseError) as refused, acting(by=nobody):
        one().save(force_insert=True)
    assert state(refused) in ("P0E01", "42501")  # the latter under row-level security: nobody sees no site
    with pytest.raises(DatabaseError) as refused:
        record_event("view", by=nobody, detail={})
    assert state(refused) == "P0E01"


@pytest.mark.urs("AUD-03")
def test_the_declaration_ends_with_acting() -> None:
    saved()
    assert current_actor() is None
    with pytest.raises(DatabaseError) as refused:
        one().save(force_insert=True)
    assert state(refused) == "P0E01"
    with transaction.atomic():
        with acting(by=WANG, reason=TYPO):
            one().save(force_insert=True)
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            one().save(force_insert=True)
        assert state(refused) == "P0E01"
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('edc.reason'), current_setting('edc.chains')")
            assert cursor.fetchone() == ("", "")


@pytest.mark.urs("AUD-03")
def test_a_failed_acting_declares_nobody_afterwards() -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError), acting(by=WANG):
            raise RuntimeError
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            one().save(force_insert=True)
        assert state(refused) == "P0E01"


def test_an_inner_declaration_gives_way_to_the_outer_one() -> None:
    other = Actor.system("calculation", on_behalf_of="u-wang")
    with acting(by=WANG):
        first, second, third = one(), one(), one()
        first.save(force_insert=True)
        with acting(by=other, reason=Reason("SYSTEM")):
            second.save(force_insert=True)
            assert current_actor() == other
        third.save(force_insert=True)
        assert current_actor() == WANG
    assert [last(row).actor_id for row in (first, second, third)] == [
        "u-wang",
        "system:calculation",
        "u-wang",
    ]
    assert last(second).on_behalf_of == "u-wang"
    assert last(third).reason_code is None


def test_an_inner_failure_leaves_the_outer_work_and_declaration() -> None:
    first, lost, third = one(), one(), one()
    with acting(by=WANG):
        first.save(force_insert=True)
        with pytest.raises(DatabaseError):
            _save_twice(lost, by=Actor.system("calculation"))
        third.save(force_insert=True)
    assert last(third).actor_id == "u-wang"
    assert last(third).n == last(first).n + 1
    assert not Entry.objects.filter(row_key=str(lost.pk)).exists()
    assert verify() == []


def test_one_statement_declares_and_none_clears(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4), acting(by=WANG):  # BEGIN, declaration, insert, COMMIT
        one().save(force_insert=True)


@pytest.mark.urs("AUD-09")
def test_a_first_answer_needs_no_reason_a_change_and_a_clearing_do() -> None:
    row = saved(note=None)
    with acting(by=WANG):
        row.note = "first"
        row.missing = {"height_method": "ND"}
        row.save()
    changes: list[dict[str, Any]] = [
        {"note": "second"},
        {"note": None},
        {"missing": {}},
        {"missing": {"height_method": "UNK"}},
    ]
    for values in changes:
        with pytest.raises(DatabaseError) as refused, acting(by=WANG):
            Probe.objects.filter(pk=row.pk).update(**values)
        assert state(refused) == "P0E02", values
    with acting(by=WANG):
        Probe.objects.filter(pk=row.pk).update(missing={"height_method": "ND", "weight": "UNK"})
        Probe.objects.filter(pk=row.pk).update(raw={"height": "１５０"})
    with acting(by=WANG, reason=TYPO):
        Probe.objects.filter(pk=row.pk).update(note="second")
    assert last(row).reason_code == "TYPO"


@pytest.mark.urs("AUD-09")
def test_a_reason_of_spaces_is_none() -> None:
    row = saved()
    for code, text in (("  ", ""), ("OTHER", ""), ("OTHER", "  \u3000 ")):
        with pytest.raises(DatabaseError) as refused:
            _change(row, code=code, text=text)
        assert state(refused) == "P0E02", (code, text)
    with pytest.raises(ValueError, match="words"):
        Reason("OTHER", " \u3000")
    with pytest.raises(ValueError, match="Unknown"):
        Reason("BECAUSE")


@pytest.mark.urs("AUD-09")
def test_deleting_a_typed_row_needs_a_reason() -> None:
    row = saved()
    with pytest.raises(DatabaseError) as refused, acting(by=WANG):
        row.delete()
    assert state(refused) == "P0E02"


def test_a_write_that_changes_nothing_makes_no_entry() -> None:
    row = saved()
    before = Entry.objects.count()
    with acting(by=WANG):
        row.save()
        Probe.objects.filter(pk=row.pk).update(note="first")
    assert Entry.objects.count() == before


def test_only_changed_columns_are_kept_and_numbers_exactly() -> None:
    row = saved(raw={"height": "1.5"})
    with acting(by=WANG, reason=TYPO):
        Probe.objects.filter(pk=row.pk).update(height=Decimal("1.60"))
    entry = last(row)
    assert entry.old == {"height": Decimal("1.50")}
    assert str(entry.new and entry.new["height"]) == "1.60"
    with connection.cursor() as cursor, acting(by=WANG, reason=TYPO):
        cursor.execute("UPDATE crf_probe SET raw = '{\"x\": 1.5}' WHERE page_id = %s", [row.pk])
        cursor.execute("UPDATE crf_probe SET raw = '{\"x\": 1.50}' WHERE page_id = %s", [row.pk])
    entry = last(row)
    assert str(entry.old and entry.old["raw"]["x"]) == "1.5"
    assert str(entry.new and entry.new["raw"]["x"]) == "1.50"


@pytest.mark.urs("AUD-08")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/St_Johns"])
def test_the_session_zone_changes_neither_instant_nor_hash(zone: str) -> None:
    seen = datetime(2026, 3, 1, 10, 11, 12, 345678, tzinfo=UTC)
    row = one(seen=seen)
    with acting(by=WANG), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        row.save(force_insert=True)
    entry = last(row)
    assert entry.new is not None
    assert entry.new["seen"] == "2026-03-01T10:11:12.345678+00:00"
    assert abs(entry.at - datetime.now(UTC)) < timedelta(seconds=2)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
        assert verify() == []


@pytest.mark.urs("AUD-08")
def test_a_client_cannot_state_the_time_of_a_real_database() -> None:
    row = one()
    with acting(by=WANG, at=datetime(2020, 1, 1, tzinfo=UTC)):
        row.save(force_insert=True)
    assert abs(last(row).at - datetime.now(UTC)) < timedelta(seconds=2)
    assert last(row).clock == "real"


def test_chains_are_taken_in_order() -> None:
    low, high = sorted(uuid.uuid4() for _ in range(2))
    _save_in_order(low, high, low)
    lower = uuid.UUID(int=low.int - 1)
    with pytest.raises(DatabaseError) as refused:
        _save_in_order(low, lower)
    assert state(refused) == "P0E04"
    with acting(by=WANG):
        take_chains(subjects=[high, low, lower], sites=[SITE], study=True)
        for subject in (high, low, lower):
            one(subject_id=subject).save(force_insert=True)
        record_event("probe", by=WANG, detail={}, site=SITE)
    with transaction.atomic():  # two acts of one transaction, as in tests: the second starts anew
        with acting(by=WANG):
            one(subject_id=high).save(force_insert=True)
        with acting(by=WANG):
            one(subject_id=low).save(force_insert=True)
    assert verify() == []


def test_only_chains_of_the_study_can_be_taken() -> None:
    for chain in ("", "subject:x", "nonsense", "site:"):
        with pytest.raises(DatabaseError) as refused, acting(by=WANG), connection.cursor() as cursor:
            cursor.execute("SELECT audit_take(%s)", [[chain]])
        assert state(refused) == "P0E04"
