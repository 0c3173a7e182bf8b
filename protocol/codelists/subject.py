"""Codelists of who the subject is, and the answers that every form shares."""

from protocol.codelists.terms import codelist

NY = codelist("NY", "Y=Yes/是", "N=No/否")
NYU = codelist("NYU", "Y=Yes/是", "N=No/否", "U=Unknown/不详")
MISSR = codelist(
    "MISSR", "ND=Not done/未做", "UNK=Unknown/不详", "NA=Not applicable/不适用", "REF=Refused/拒绝"
)
SEX = codelist("SEX", "M=Male/男", "F=Female/女")
SIDE = codelist("SIDE", "L=Left/左", "R=Right/右")
COHORT = codelist(
    "COHORT", "DCB=Drug-coated balloon cohort/药物涂层球囊组", "DES=Drug-eluting stent cohort/药物洗脱支架组"
)
READER = codelist("READER", "SITE=Site reading/研究中心判读", "CORE=Core laboratory/核心实验室判读")
CHILDB = codelist(
    "CHILDB", "NCBP=Not of childbearing potential/无生育能力", "CBP=Of childbearing potential/有生育能力"
)
PREG = codelist("PREG", "NEG=Negative/阴性", "POS=Positive/阳性", "ND=Not done/未做")
ETHCN = codelist("ETHCN", "HAN=Han/汉族", "OTH=Other ethnic group/其他民族")
IENA = codelist("IENA", "Y=Yes/是", "N=No/否", "NA=Not applicable/不适用")
IEOUT = codelist("IEOUT", "ELIG=Eligible/符合入组", "SF=Screen failure/筛选失败")
SFREAS = codelist(
    "SFREAS",
    "IE=Criterion not met/不符合入排标准",
    "NODEV=No study device used/未使用研究器械",
    "WD=Consent withdrawn/撤回知情同意",
    "DTH=Died before treatment/治疗前死亡",
    "LTFU=Lost before treatment/治疗前失访",
    "OTH=Other/其他",
)
EXITREAS = codelist(
    "EXITREAS",
    "COMP=Completed 24 months/完成24个月",
    "DTH=Death/死亡",
    "WD=Consent withdrawn/撤回知情同意",
    "LTFU=Lost to follow-up/失访",
    "SF=Screen failure/筛选失败",
    "PI=Investigator decision/研究者决定",
    "SPON=Study terminated/研究终止",
)
