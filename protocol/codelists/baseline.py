"""Codelists of history and state of the limb before the procedure."""

from protocol.codelists.terms import codelist

DMTYPE = codelist("DMTYPE", "N=None/无", "T1=Type 1/1型", "T2=Type 2/2型", "OTH=Other/其他")
DMTX = codelist(
    "DMTX",
    "DIET=Diet only/仅饮食控制",
    "OAD=Oral agents/口服降糖药",
    "INS=Insulin/胰岛素",
    "BOTH=Oral and insulin/口服加胰岛素",
)
SMOKE = codelist(
    "SMOKE", "NEV=Never/从不", "FOR=Former (stopped > 30 d)/已戒烟(>30天)", "CUR=Current/目前吸烟"
)
NYHA = codelist(
    "NYHA",
    "0=No heart failure/无心力衰竭",
    "1=Class I/I级",
    "2=Class II/II级",
    "3=Class III/III级",
    "4=Class IV/IV级",
)
CVATYPE = codelist(
    "CVATYPE",
    "ISCH=Ischaemic stroke/缺血性卒中",
    "HEM=Haemorrhagic stroke/出血性卒中",
    "UNK=Unknown type/类型不明",
)
AIOD = codelist(
    "AIOD",
    "N=None significant/无显著病变",
    "T=Significant, treated before or during index/显著病变已处理",
    "U=Significant, untreated/显著病变未处理",
)
STTYPE = codelist(
    "STTYPE",
    "BMS=Bare nitinol stent/镍钛合金裸支架",
    "IWS=Interwoven stent/编织支架",
    "DES=Drug-eluting stent/药物洗脱支架",
    "CS=Covered stent/覆膜支架",
    "UNK=Unknown/不详",
)
PRIORTX = codelist(
    "PRIORTX",
    "NONE=None/无",
    "POBA=Plain balloon/普通球囊扩张",
    "DCB=DCB/药物涂层球囊",
    "STENT=Stent/支架",
    "ATH=Atherectomy or laser/斑块切除或激光消蚀",
    "LYS=Thrombolysis or thrombectomy/溶栓或血栓清除",
    "BYP=Bypass/旁路移植",
)
ISRN = codelist(
    "ISRN", "1=First ISR/首次再狭窄", "2=Second ISR/第二次", "3=Third or more/第三次及以上", "U=Unknown/不详"
)
RUTH = codelist(
    "RUTH",
    "0=0 asymptomatic/0级 无症状",
    "1=1 mild claudication/1级 轻度跛行",
    "2=2 moderate claudication/2级 中度跛行",
    "3=3 severe claudication/3级 重度跛行",
    "4=4 ischaemic rest pain/4级 缺血性静息痛",
    "5=5 minor tissue loss/5级 轻度组织缺损",
    "6=6 major tissue loss/6级 重度组织缺损",
)
WIFI = codelist(
    "WIFI", "0=0 none/0级 无", "1=1 mild/1级 轻度", "2=2 moderate/2级 中度", "3=3 severe/3级 重度"
)
ABIMETH = codelist("ABIMETH", "DOPP=Doppler/多普勒", "OSC=Oscillometric/示波法")
LBTEST = codelist(
    "LBTEST",
    "HGB=Haemoglobin/血红蛋白",
    "PLAT=Platelets/血小板计数",
    "WBC=Leukocytes/白细胞计数",
    "CREAT=Creatinine/肌酐",
    "GFRBSCRT=eGFR (CKD-EPI)/估算肾小球滤过率",
    "UREA=Urea/尿素",
    "ALT=ALT/丙氨酸氨基转移酶",
    "AST=AST/天冬氨酸氨基转移酶",
    "BILI=Total bilirubin/总胆红素",
    "GLUC=Fasting glucose/空腹血糖",
    "HBA1C=HbA1c/糖化血红蛋白",
    "LDL=LDL-C/低密度脂蛋白胆固醇",
    "CHOL=Total cholesterol/总胆固醇",
    "TRIG=Triglycerides/甘油三酯",
    "INR=INR/国际标准化比值",
    "FIBRINO=Fibrinogen/纤维蛋白原",
    "TROPONIN=Troponin/肌钙蛋白",
    "CKMB=CK-MB/肌酸激酶同工酶",
    "BNPPRONT=NT-proBNP/N末端脑钠肽前体",
)
