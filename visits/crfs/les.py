"""LES: Target/other lesion, angiographic."""

from protocol.clinical import half_up, runoff_count
from protocol.codelists import LESION, NY, PACSS, READER, RUNOFF, SEG, SIDE, TASC, TOSAKA
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, DecItem, Derived, IntItem, MultiCodeItem, Range, Unusual

TARGETS = ("L1", "L2", "L3")


class Lesion(Crf):
    """One lesion as one reader saw it on the index angiogram."""

    form = "LES"
    title = T("Target/other lesion, angiographic", "病变造影特征")
    repeating = True

    lesion_no = CodeItem(T("Lesion id", "病变编号"), LESION, "R!", sdtm="CV.CVLNKID")
    les_reader = CodeItem(T("Reader", "判读方"), READER, "R!", sdtm="CV.CVEVAL")
    les_date = DateItem(T("Angiogram date", "造影日期"), "R!", sdtm="CV.CVDTC")
    is_target = CodeItem(T("Target lesion", "是否靶病变"), NY, "R!", sdtm="SUPPCV[TLFL]")
    les_limb = CodeItem(T("Limb", "肢体"), SIDE, "R!", sdtm="CV.CVLAT")
    les_segment = MultiCodeItem(T("Segments involved", "累及节段"), SEG, "R!", sdtm="CV.CVLOC")
    stenosis_pct = IntItem(
        T("Diameter stenosis before treatment", "术前直径狭窄率"),
        "R!",
        unit="%",
        hard=Range(0, 100),
        sdtm="CV[PCTDIAST]",
    )
    occlusion = CodeItem(T("Total occlusion", "是否完全闭塞"), NY, "R!", sdtm="CV[OCCL]")
    lesion_length_mm = IntItem(
        T("Total lesion length", "病变总长度"),
        "R!",
        unit="mm",
        hard=Range(1, 500),
        soft=Range(10, 300),
        sdtm="CV[LESLEN]",
    )
    rvd_mm = DecItem(
        T("Reference vessel diameter", "参考血管直径"),
        3,
        1,
        "R",
        unit="mm",
        hard=Range("2.0", "12.0"),
        soft=Range("4.0", "7.5"),
        sdtm="CV[RVD]",
    )
    mld_mm = DecItem(
        T("Minimum lumen diameter", "最小管腔直径"),
        3,
        1,
        "C",
        unit="mm",
        hard=Range(0, 12),
        show_if="les_reader=CORE",
        sdtm="CV[MINLDIAM]",
    )
    tosaka = CodeItem(
        T("Tosaka ISR class", "Tosaka分型"), TOSAKA, "R!", show_if="is_target=Y", sdtm="RS[TOSAKA]"
    )
    ext_prox_mm = IntItem(
        T("Extension beyond proximal stent edge", "超出支架近端长度"),
        "R",
        unit="mm",
        hard=Range(0, 300),
        soft=Range(hi=30),
        show_if="is_target=Y",
        sdtm="CV[EXTPROX]",
    )
    ext_dist_mm = IntItem(
        T("Extension beyond distal stent edge", "超出支架远端长度"),
        "R",
        unit="mm",
        hard=Range(0, 300),
        soft=Range(hi=30),
        show_if="is_target=Y",
        sdtm="CV[EXTDIST]",
    )
    dist_profunda_mm = IntItem(
        T("Lesion start to profunda origin", "病变近端距股深动脉开口"),
        "R",
        unit="mm",
        hard=Range(-100, 500),
        soft=Range(10),
        show_if="is_target=Y",
        sdtm="CV[DPROFUN]",
    )
    dist_notch_mm = IntItem(
        T("Lesion end to intercondylar notch", "病变远端距股骨髁间窝"),
        "R",
        unit="mm",
        hard=Range(-150, 500),
        soft=Range(10),
        show_if="is_target=Y",
        sdtm="CV[DNOTCH]",
    )
    pacss = CodeItem(
        T("PACSS calcification grade", "PACSS钙化分级"), PACSS, "R", soft=Unusual("4"), sdtm="RS[PACSS]"
    )
    severe_calc_pta = CodeItem(
        T("Calcification precludes PTA", "钙化致无法行PTA"),
        NY,
        "R!",
        soft=Unusual("Y"),
        show_if="is_target=Y",
        sdtm="FA[CALCPTA]",
    )
    acute_thrombus = CodeItem(
        T("Fresh thrombus in target limb", "靶肢新鲜(急性)血栓"),
        NY,
        "R!",
        soft=Unusual("Y"),
        show_if="is_target=Y",
        sdtm="CV[THROMB]",
    )
    tasc = CodeItem(T("TASC II class", "TASC II分型"), TASC, "O", sdtm="RS[TASC]")
    ro_ata = CodeItem(
        T("Anterior tibial runoff", "胫前动脉"), RUNOFF, "R!", show_if="is_target=Y", sdtm="CV[RUNOFF]"
    )
    ro_pta = CodeItem(
        T("Posterior tibial runoff", "胫后动脉"), RUNOFF, "R!", show_if="is_target=Y", sdtm="CV[RUNOFF]"
    )
    ro_pero = CodeItem(T("Peroneal runoff", "腓动脉"), RUNOFF, "R!", show_if="is_target=Y", sdtm="CV[RUNOFF]")
    runoff_count = Derived(
        T("Patent runoff vessels", "通畅流出道支数"),
        lambda v, dossier: runoff_count(v.get("ro_ata"), v.get("ro_pta"), v.get("ro_pero")),
        unit="vessels",
        soft=Range(1),
        show_if="is_target=Y",
        sdtm="CV[RUNOFFN]",
    )

    layout = (
        Section(
            T("Lesion", "病变"),
            ("lesion_no", "les_reader", "les_date", "is_target", "les_limb", "les_segment"),
        ),
        Section(
            T("Severity and length", "狭窄与长度"),
            ("stenosis_pct", "occlusion", "lesion_length_mm", "rvd_mm", "mld_mm"),
        ),
        Section(
            T("In-stent restenosis and position", "支架内再狭窄与位置"),
            ("tosaka", "ext_prox_mm", "ext_dist_mm", "dist_profunda_mm", "dist_notch_mm"),
        ),
        Section(
            T("Calcium and thrombus", "钙化与血栓"), ("pacss", "severe_calc_pta", "acute_thrombus", "tasc")
        ),
        Section(T("Runoff", "流出道"), ("ro_ata", "ro_pta", "ro_pero", "runoff_count")),
    )

    contradictions = (
        Contradiction(
            "EC-062",
            ("occlusion", "stenosis_pct"),
            lambda v: (v["occlusion"] == "Y") != (v["stenosis_pct"] == 100),
            T("Occlusion must equal 100 % stenosis.", "闭塞与狭窄率100%须一致。"),
            cells=("occlusion: Y ⇔ stenosis_pct = 100",),
        ),
        Contradiction(
            "EC-063",
            ("tosaka", "occlusion"),
            lambda v: (v["tosaka"] == "3") != (v["occlusion"] == "Y"),
            T("Tosaka class III must equal occlusion.", "Tosaka III型与闭塞须一致。"),
            cells=("tosaka: 3 ⇔ occlusion=Y",),
        ),
        Contradiction(
            "EC-065",
            ("mld_mm", "rvd_mm"),
            lambda v: v["mld_mm"] > v["rvd_mm"],
            T("Minimum lumen diameter exceeds reference diameter.", "最小管腔直径大于参考血管直径。"),
            cells=("mld_mm: ≤ rvd_mm",),
        ),
    )

    warnings = (
        Contradiction(
            "EC-064",
            ("tosaka", "lesion_length_mm"),
            lambda v: (
                (v["tosaka"] == "1" and v["lesion_length_mm"] > 50)
                or (v["tosaka"] == "2" and v["lesion_length_mm"] <= 50)
            ),
            T("Tosaka class disagrees with lesion length.", "Tosaka分型与病变长度不一致。"),
            cells=("tosaka: 1 with length > 50", "tosaka: 2 with length ≤ 50"),
        ),
        Contradiction(
            "EC-066",
            ("stenosis_pct", "mld_mm", "rvd_mm"),
            lambda v: abs(v["stenosis_pct"] - half_up(100 * (1 - v["mld_mm"] / v["rvd_mm"]), 0)) > 10,
            T("Stenosis does not match MLD and RVD.", "狭窄率与MLD/RVD不符。"),
        ),
        Contradiction(
            "LES.lesion_no",
            ("lesion_no", "is_target"),
            lambda v: (v["lesion_no"] in TARGETS) != (v["is_target"] == "Y"),
            T("Target lesions are L1 to L3, other lesions L4 to L6.", "靶病变编号为L1-L3,其他病变为L4-L6。"),
            cells=("lesion_no: L4–L6 with is_target=Y", "lesion_no: L1–L3 with is_target=N"),
        ),
        Contradiction(
            "LES.les_segment",
            ("les_segment", "is_target"),
            lambda v: v["is_target"] == "Y" and not {"CFA", "P2", "P3"}.isdisjoint(v["les_segment"]),
            T("Target lesion in the common femoral artery, P2 or P3.", "靶病变累及股总动脉、P2或P3段。"),
            cells=("les_segment: CFA, P2 or P3 on a target lesion",),
        ),
        Contradiction(
            "LES.stenosis_pct",
            ("stenosis_pct", "is_target"),
            lambda v: v["is_target"] == "Y" and v["stenosis_pct"] < 50,
            T("Target lesion with less than 50 % stenosis.", "靶病变狭窄<50%。"),
            cells=("stenosis_pct: < 50 on a target lesion",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_les"
