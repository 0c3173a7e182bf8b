"""The CRFs: one typed class, one file each; FORMS holds them in the order of the protocol."""

from visits.crfs.abi import LimbPressures
from visits.crfs.ae import AdverseEvent
from visits.crfs.amp import Amputation
from visits.crfs.base import Contradiction, Crf, OnlySavePagesWrites, Section
from visits.crfs.bcs import BaselineClinicalStatus
from visits.crfs.bms import BareMetalStent
from visits.crfs.cec import Adjudication
from visits.crfs.cm import Medication
from visits.crfs.dcb import DrugCoatedBalloon
from visits.crfs.dd import DeviceDeficiency
from visits.crfs.des import DrugElutingStent
from visits.crfs.disc import Discharge
from visits.crfs.dm import Demographics
from visits.crfs.dth import Death
from visits.crfs.dus import Duplex
from visits.crfs.dv import Deviation
from visits.crfs.exit import StudyExit
from visits.crfs.fu import FollowUp
from visits.crfs.ic import Consent
from visits.crfs.icre import ReConsent
from visits.crfs.ie import Eligibility
from visits.crfs.img import FollowUpImaging
from visits.crfs.lb import Laboratory
from visits.crfs.les import Lesion
from visits.crfs.lh import IndexLimbHistory
from visits.crfs.mh import MedicalHistory
from visits.crfs.pp import PostProcedure
from visits.crfs.pr import IndexProcedure
from visits.crfs.prl import LesionTreatment
from visits.crfs.ps import PriorStent
from visits.crfs.rev import Revascularisation
from visits.crfs.xr import StentXray

FORMS: dict[str, type[Crf]] = {
    crf.form: crf
    for crf in (
        Consent,
        ReConsent,
        Demographics,
        Eligibility,
        MedicalHistory,
        IndexLimbHistory,
        PriorStent,
        BaselineClinicalStatus,
        LimbPressures,
        Laboratory,
        Medication,
        Lesion,
        IndexProcedure,
        LesionTreatment,
        DrugCoatedBalloon,
        BareMetalStent,
        DrugElutingStent,
        PostProcedure,
        Discharge,
        FollowUp,
        Duplex,
        StentXray,
        FollowUpImaging,
        Revascularisation,
        Amputation,
        AdverseEvent,
        DeviceDeficiency,
        Death,
        Deviation,
        Adjudication,
        StudyExit,
    )
}

__all__ = ["FORMS", "Contradiction", "Crf", "OnlySavePagesWrites", "Section"]
