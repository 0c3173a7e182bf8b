"""Codelists of drugs and visits after the procedure."""

from protocol.codelists.terms import codelist

CMCLASS = codelist(
    "CMCLASS",
    "ASA=Aspirin/阿司匹林",
    "P2Y12=P2Y12 inhibitor/P2Y12抑制剂",
    "CILO=Cilostazol/西洛他唑",
    "SARP=Sarpogrelate/沙格雷酯",
    "PROS=Prostanoid or beraprost/前列腺素类",
    "DOAC=Direct oral anticoagulant/直接口服抗凝药",
    "VKA=Vitamin K antagonist/维生素K拮抗剂",
    "LMWH=Heparin or LMWH/肝素类",
    "STAT=Statin/他汀",
    "LLO=Other lipid-lowering/其他降脂药",
    "ACE=ACEI or ARB/ACEI或ARB",
    "BB=Beta blocker/β受体阻滞剂",
    "GLU=Glucose-lowering/降糖药",
    "TCM=Traditional Chinese medicine/中药",
    "LYT=Thrombolytic/溶栓药",
    "OTH=Other/其他",
)
CMFREQ = codelist(
    "CMFREQ",
    "QD=Once daily/每日1次",
    "BID=Twice daily/每日2次",
    "TID=Three times daily/每日3次",
    "ONCE=Single dose/单次",
    "CONT=Continuous infusion/持续输注",
    "OTH=Other/其他",
)
ATREG = codelist(
    "ATREG",
    "NONE=None/无",
    "SAPT=Single antiplatelet/单抗血小板",
    "DAPT=Dual antiplatelet/双抗血小板",
    "OAC=Anticoagulant only/仅抗凝",
    "SAOAC=Anticoagulant plus single antiplatelet/抗凝加单抗",
    "TRIP=Triple therapy/三联",
)
CONTACT = codelist(
    "CONTACT",
    "CLIN=Clinic/门诊",
    "INPT=Inpatient/住院",
    "TEL=Phone or video/电话或视频",
    "REC=Record review only/仅病历查阅",
    "MISS=Missed/缺访",
)
VITAL = codelist("VITAL", "A=Alive/存活", "D=Dead/死亡", "U=Unknown/不详")
# Of derived readings, so not among the codelists of §3.1.
PATSTAT = codelist(
    "PATSTAT", "PAT=Patent/通畅", "REST=Restenosis/再狭窄", "OCC=Occluded/闭塞", "ND=Not diagnostic/不可诊断"
)
SYMPT = codelist(
    "SYMPT",
    "NONE=None/无",
    "CLAU=Claudication/间歇性跛行",
    "REST=Rest pain/静息痛",
    "ULC=Ulcer/溃疡",
    "GANG=Gangrene/坏疽",
    "ALI=Acute limb ischaemia/急性肢体缺血",
    "OTH=Other/其他",
)
SYMCHG = codelist("SYMCHG", "BET=Better/好转", "SAME=Unchanged/无变化", "WOR=Worse/加重")
COMPLY = codelist(
    "COMPLY",
    "NP=Not prescribed/未处方",
    "GOOD=≥ 80 % taken/服药≥80%",
    "PART=< 80 % taken/服药<80%",
    "STOP=Stopped/已停药",
)
