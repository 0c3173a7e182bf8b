"""Codelists of the index procedure and its devices."""

from protocol.codelists.terms import codelist

ANES = codelist("ANES", "LOC=Local/局麻", "SED=Sedation/镇静", "REG=Regional/区域阻滞", "GEN=General/全麻")
ACCESS = codelist(
    "ACCESS",
    "IANT=Ipsilateral antegrade femoral/同侧股动脉顺行",
    "CRET=Contralateral retrograde femoral/对侧股动脉逆行(翻山)",
    "IRET=Ipsilateral retrograde (SFA, popliteal, tibial, pedal)/同侧逆行(股浅/腘/胫/足)",
    "BRA=Brachial/肱动脉",
    "RAD=Radial/桡动脉",
    "OTH=Other/其他",
)
CROSS = codelist(
    "CROSS", "INT=Intraluminal/真腔", "SUB=Subintimal/内膜下", "MIX=Mixed/混合", "FAIL=Not crossed/未通过"
)
CLOSE = codelist(
    "CLOSE",
    "MAN=Manual/人工压迫",
    "SUT=Suture device/血管缝合器",
    "PLUG=Plug device/血管封堵器",
    "SURG=Surgical/外科缝合",
    "OTH=Other/其他",
)
ADJ = codelist(
    "ADJ",
    "NONE=None/无",
    "CUT=Cutting or scoring balloon/切割或刻痕球囊",
    "DA=Directional atherectomy/定向斑块旋切",
    "RA=Rotational or orbital atherectomy/旋磨或轨道旋切",
    "ELA=Excimer laser/准分子激光消蚀",
    "PMT=Mechanical thrombectomy/机械血栓清除",
    "CDT=Catheter-directed thrombolysis/置管溶栓",
    "IVL=Intravascular lithotripsy/血管内冲击波碎石",
    "OTH=Other/其他",
)
PCOMPL = codelist(
    "PCOMPL",
    "NONE=None/无",
    "PERF=Perforation/穿孔",
    "EMB=Distal embolisation/远端栓塞",
    "THR=Acute thrombosis/急性血栓形成",
    "FLD=Flow-limiting dissection/限流性夹层",
    "RUPT=Vessel rupture/血管破裂",
    "HEMA=Access haematoma/穿刺点血肿",
    "PSA=Pseudoaneurysm/假性动脉瘤",
    "AVF=Arteriovenous fistula/动静脉瘘",
    "RPH=Retroperitoneal haematoma/腹膜后血肿",
    "CONV=Conversion to surgery/转外科手术",
    "CONTR=Contrast reaction/造影剂反应",
    "OTH=Other/其他",
)
DEVOUT = codelist(
    "DEVOUT",
    "OK=Delivered and used as intended/按预期使用",
    "PART=Used in the lesion, not as intended (e.g. burst, short inflation, malposition)"
    "/已在病变处使用但未达预期",
    "FDEL=Failed delivery/输送失败",
    "FDPL=Failed deployment or inflation, nothing delivered/释放或扩张失败(未起作用)",
    "OPEN=Opened, not used/已开封未使用",
)
BMSREAS = codelist(
    "BMSREAS",
    "FLD=Flow-limiting dissection/限流性夹层",
    "RES=Residual stenosis/残余狭窄",
    "REC=Recoil/弹性回缩",
    "PERF=Perforation/穿孔",
    "OTH=Other/其他",
)
DESROLE = codelist(
    "DESROLE",
    "PLAN=Planned primary DES/计划内首选DES",
    "ADD=Additional DES in the DES cohort/DES组追加DES",
    "BAIL=Bail-out in DCB cohort/DCB组补救",
)
DRUG = codelist(
    "DRUG",
    "PACLITAXEL=Paclitaxel/紫杉醇",
    "SIROLIMUS=Sirolimus/西罗莫司",
    "NONE=No drug/无药物",
    "OTH=Other/其他",
)
