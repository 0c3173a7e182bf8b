"""Codelists of what happens to the subject, and how it is judged."""

from protocol.codelists.terms import codelist

REVKIND = codelist(
    "REVKIND",
    "DIAG=Diagnostic angiography only/仅诊断性造影",
    "PERC=Percutaneous/经皮腔内治疗",
    "SURG=Open surgery/开放手术",
    "HYB=Hybrid/杂交手术",
)
PERCTYPE = codelist(
    "PERCTYPE",
    "POBA=Plain balloon/普通球囊",
    "DCB=DCB/药物涂层球囊",
    "BMS=Bare stent/裸支架",
    "DES=DES/药物洗脱支架",
    "CS=Covered stent/覆膜支架",
    "ATH=Atherectomy or laser/斑块切除或激光消蚀",
    "CDT=Thrombolysis/溶栓",
    "PMT=Mechanical thrombectomy/机械血栓清除",
    "OTH=Other/其他",
    "UNK=Unknown/不详",
)
SURGTYPE = codelist(
    "SURGTYPE",
    "BYP=New bypass graft/新建旁路",
    "JUMP=Jump or interposition graft revision/桥血管跳跃式或间置移植修复",
    "THROM=Surgical thrombectomy/手术取栓",
    "ENDA=Endarterectomy or patch/内膜剥脱或补片",
    "OTH=Other/其他",
    "UNK=Unknown/不详",
)
REVVES = codelist(
    "REVVES",
    "FP=SFA or popliteal/股浅-腘动脉",
    "CFA=Common femoral or profunda/股总或股深动脉",
    "ILI=Iliac or aorta/髂动脉或主动脉",
    "BTK=Below the knee/膝下动脉",
    "GRAFT=Bypass graft/桥血管",
    "OTH=Other/其他",
)
EDGE = codelist("EDGE", "IN=Within treated segment/治疗段内", "PROX=Proximal/近端", "DIST=Distal/远端")
CDREAS = codelist(
    "CDREAS",
    "CLAU=New or worse claudication/新发或加重跛行",
    "REST=Rest pain/静息痛",
    "TISS=Ulcer or gangrene/溃疡或坏疽",
    "ALI=Acute limb ischaemia/急性肢体缺血",
    "ABI=ABI or TBI drop/ABI或TBI下降",
    "IMG=Imaging finding only/仅影像学发现",
    "PLAN=Planned staged procedure/计划性分期手术",
    "OTH=Other/其他",
    "UNK=Unknown (treated elsewhere)/不详(外院治疗)",
)
SUCC = codelist("SUCC", "S=Successful/成功", "F=Failed/失败")
AMPLVL = codelist(
    "AMPLVL",
    "TOE=Toe/趾",
    "RAY=Ray/跖列",
    "TMA=Transmetatarsal/经跖骨",
    "MIDF=Lisfranc or Chopart/Lisfranc或Chopart",
    "SYME=Ankle (Syme)/踝关节离断",
    "BKA=Below knee/膝下",
    "TKA=Through knee/膝关节离断",
    "AKA=Above knee/膝上",
    "HIP=Hip disarticulation/髋关节离断",
)
AMPCAUSE = codelist(
    "AMPCAUSE",
    "ISCH=Ischaemia/缺血",
    "INF=Infection/感染",
    "BOTH=Ischaemia and infection/缺血合并感染",
    "TRAU=Trauma/外伤",
    "TUM=Tumour/肿瘤",
    "OTH=Other/其他",
    "UNK=Unknown/不详",
)
AESEV = codelist("AESEV", "1=Mild/轻度", "2=Moderate/中度", "3=Severe/重度")
AEREL = codelist(
    "AEREL", "0=Not related/无关", "1=Possible/可能有关", "2=Probable/很可能有关", "3=Causal/肯定有关"
)
AEOUT = codelist(
    "AEOUT",
    "REC=Recovered/痊愈",
    "RECS=Recovered with sequelae/痊愈伴后遗症",
    "RECG=Recovering/好转中",
    "NREC=Not recovered/未愈",
    "FAT=Fatal/死亡",
    "UNK=Unknown/不详",
)
AEACN = codelist(
    "AEACN",
    "NONE=None/无",
    "MED=Medication/药物治疗",
    "PROC=Procedure or surgery/手术或操作",
    "DEVREM=Device removed/取出器械",
    "OTH=Other/其他",
)
SAECRIT = codelist(
    "SAECRIT",
    "DTH=Death/死亡",
    "LT=Life-threatening/危及生命",
    "HOSP=Hospitalisation or prolongation/住院或延长住院",
    "DIS=Permanent impairment or chronic disease/身体结构或功能的永久性缺陷(包括慢性疾病)",
    "INT=Intervention to prevent impairment/需医疗或手术干预以避免永久性缺陷",
    "CONG=Foetal distress, death or anomaly/胎儿窘迫、胎儿死亡或先天性异常、先天缺损",
)
AESI = codelist(
    "AESI",
    "NONE=None/无",
    "BLEED=Bleeding/出血",
    "MI=Myocardial infarction/心肌梗死",
    "STROKE=Stroke/卒中",
    "ALI=Acute limb ischaemia/急性肢体缺血",
    "TLTHR=Target lesion thrombosis/靶病变血栓形成",
    "AKI=Acute kidney injury/急性肾损伤",
    "HF=Heart failure/心力衰竭",
    "RESP=Respiratory failure/呼吸衰竭",
    "HEP=Liver failure/肝功能衰竭",
    "ACC=Access-site complication/穿刺部位并发症",
    "ANEU=Aneurysmal degeneration/动脉瘤样变",
    "FRAC=Stent fracture with symptoms/有症状支架断裂",
)
BARC = codelist("BARC", "0=0", "1=1", "2=2", "3a=3a", "3b=3b", "3c=3c", "4=4", "5a=5a", "5b=5b")
BLCRIT = codelist(
    "BLCRIT",
    "N=None of these/无",
    "IC=Intracranial or intraspinal/颅内或椎管内",
    "IO=Intraocular compromising vision/眼内(影响视力)",
    "TAMP=Cardiac tamponade/心包填塞",
)
MITYPE = codelist(
    "MITYPE",
    "1=Type 1/1型",
    "2=Type 2/2型",
    "3=Type 3/3型",
    "4a=Type 4a/4a型",
    "4b=Type 4b/4b型",
    "4c=Type 4c/4c型",
    "5=Type 5/5型",
)
DDTYPE = codelist(
    "DDTYPE",
    "MALF=Malfunction/故障",
    "USE=Use error/使用错误",
    "LAB=Labelling or packaging/标签或包装",
    "STER=Sterility/无菌性",
    "OTH=Other/其他",
)
DTHCAT = codelist(
    "DTHCAT", "CV=Cardiovascular/心血管", "NCV=Non-cardiovascular/非心血管", "UNK=Undetermined/不明"
)
DTHCAUSE = codelist(
    "DTHCAUSE",
    "MI=Myocardial infarction/心肌梗死",
    "HF=Heart failure/心力衰竭",
    "SCD=Sudden cardiac death/心源性猝死",
    "STR=Stroke/卒中",
    "VASC=Other vascular/其他血管性",
    "BLEED=Bleeding/出血",
    "CAN=Cancer/恶性肿瘤",
    "INF=Infection or sepsis/感染或脓毒症",
    "RESP=Respiratory/呼吸系统疾病",
    "REN=Renal/肾脏疾病",
    "OTH=Other/其他",
    "UNK=Unknown/不详",
)
DVCAT = codelist(
    "DVCAT",
    "IE=Eligibility/入排标准",
    "IC=Consent/知情同意",
    "TRT=Treatment or device/治疗或器械",
    "VIS=Visit or window/访视或时间窗",
    "ASM=Missing assessment/检查缺失",
    "SAF=Safety reporting/安全性报告",
    "OTH=Other/其他",
)
DVSEV = codelist("DVSEV", "MAJ=Major/重大", "MIN=Minor/一般")
CECTYPE = codelist(
    "CECTYPE",
    "REV=Revascularisation/血运重建",
    "AMP=Amputation/截肢",
    "DTH=Death/死亡",
    "MI=Myocardial infarction/心肌梗死",
    "BLD=Bleeding/出血",
    "ALI=Acute limb ischaemia/急性肢体缺血",
    "STR=Stroke/卒中",
    "THR=Target lesion thrombosis/靶病变血栓",
    "ORG=Organ function decline/器官功能下降",
)
CECSTAT = codelist(
    "CECSTAT",
    "OPEN=Dossier open/资料收集中",
    "READY=Ready for review/待评审",
    "R1=First review done/第一评审完成",
    "R2=Second review done/第二评审完成",
    "DIS=Disagreement/意见不一致",
    "FIN=Final/最终",
    "RET=Returned for data/退回补充",
)
