"""What the eligibility criteria read, collected from a subject's pages."""

from typing import Any

from protocol import clinical
from protocol.eligibility import EligibilityInputs, TargetLesion
from protocol.partial_dates import PartialDate


def eligibility_inputs(dossier: Any) -> EligibilityInputs:
    """Collect what the criteria read of a subject's pages (protocol §3.5)."""
    implants = [page for page in dossier.of("PS") if page.get("ps_carries_tl") == "Y"]
    dates = [page.get("ps_implant_date") for page in implants]
    runoff_after = [page.get("runoff_after") for page in dossier.of("PRL")]
    cva = dossier.value("mh.last_cva_date")
    return EligibilityInputs(
        age=dossier.value("dm.age"),
        consent_on_bday=dossier.value("dm.consent_on_bday"),
        sex=dossier.value("dm.sex"),
        childbearing=dossier.value("dm.childbearing"),
        pregnancy_test=dossier.value("dm.pregnancy_test"),
        lactating=dossier.value("dm.lactating"),
        consent_obtained=dossier.value("ic.consent_obtained"),
        rutherford=dossier.value("bcs.rutherford_target"),
        acute_ischaemia=dossier.value("bcs.acute_ischaemia"),
        lesions=tuple(_target_lesion(page) for page in dossier.target_lesions()),
        carrying_implants=tuple(None if day is None else PartialDate.of(day) for day in dates),
        proc_date=dossier.proc_date,
        planned_cohort=dossier.value("pr.planned_cohort"),
        outflow_treated=dossier.value("pr.outflow_treated"),
        runoff_after=max((count for count in runoff_after if count is not None), default=None),
        aortoiliac_status=dossier.value("lh.aortoiliac_status"),
        inflow_treated=dossier.value("pr.inflow_treated"),
        inflow_resid_pct=dossier.value("pr.inflow_resid_pct"),
        prior_cva=dossier.value("mh.prior_cva"),
        last_cva_date=None if cva is None else PartialDate.of(cva),
        allergy_antiplt=dossier.value("mh.allergy_antiplt"),
        active_bleeding=dossier.value("mh.active_bleeding"),
        life_exp_2y=dossier.value("mh.life_exp_2y"),
    )


def _target_lesion(page: Any) -> TargetLesion:
    return TargetLesion(
        stenosis_pct=page.get("stenosis_pct"),
        length_mm=page.get("lesion_length_mm"),
        ext_prox_mm=page.get("ext_prox_mm"),
        ext_dist_mm=page.get("ext_dist_mm"),
        dist_profunda_mm=page.get("dist_profunda_mm"),
        dist_notch_mm=page.get("dist_notch_mm"),
        runoff_count=clinical.runoff_count(page.get("ro_ata"), page.get("ro_pta"), page.get("ro_pero")),
        severe_calc_pta=page.get("severe_calc_pta"),
        acute_thrombus=page.get("acute_thrombus"),
    )
