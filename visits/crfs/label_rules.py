"""What is asked about the label of a device: its identifier and its lot."""

from protocol.udi import is_udi
from protocol.words import T
from visits.crfs.base import Contradiction


def label_warnings(prefix: str) -> tuple[Contradiction, ...]:
    """Return the questions about the label on the page of one kind of device (dcb, bms, des).

    What is missing is asked for once the outcome of the device is known: until then the page is being filled.
    """
    form = prefix.upper()
    udi, lot, used = (f"{prefix}_{item}" for item in ("udi", "lot", "outcome"))
    return (
        Contradiction(
            f"{form}.{udi}",
            (udi,),
            lambda v: not is_udi(v[udi]),
            T("Not a GS1, MA (ZIIOT) or AliHealth code.", "不是GS1、MA(中关村工信)或阿里健康编码。"),
            cells=(f"{udi}: not a GS1, MA (ZIIOT) or AliHealth code",),
        ),
        Contradiction(
            f"{form}.{udi}.missing",
            (udi, used),
            lambda v: v[udi] is None,
            T("Unique device identifier missing.", "缺少医疗器械唯一标识。"),
            cells=(f"{udi}: missing",),
            may_be_blank=(udi,),
        ),
        Contradiction(
            f"{form}.{lot}.missing",
            (lot, used),
            lambda v: v[lot] is None,
            T("Lot number missing.", "缺少批号。"),
            cells=(f"{lot}: missing",),
            may_be_blank=(lot,),
        ),
    )
