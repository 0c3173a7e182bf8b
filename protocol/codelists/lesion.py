"""Codelists of lesions, and what images show of them."""

from protocol.codelists.terms import codelist

LESION = codelist("LESION", "L1=L1", "L2=L2", "L3=L3", "L4=L4", "L5=L5", "L6=L6")
SEG = codelist(
    "SEG",
    "CFA=Common femoral/股总动脉",
    "SFAP=Proximal SFA/股浅动脉近段",
    "SFAM=Mid SFA/股浅动脉中段",
    "SFAD=Distal SFA/股浅动脉远段",
    "P1=Popliteal P1/腘动脉P1",
    "P2=Popliteal P2/腘动脉P2",
    "P3=Popliteal P3/腘动脉P3",
)
TOSAKA = codelist(
    "TOSAKA",
    "1=I focal ≤ 50 mm/I型 局限≤50mm",
    "2=II diffuse > 50 mm/II型 弥漫>50mm",
    "3=III total occlusion/III型 完全闭塞",
)
PACSS = codelist(
    "PACSS",
    "0=0 no visible calcium/0级 无钙化",
    "1=1 unilateral < 5 cm/1级 单侧<5cm",
    "2=2 unilateral ≥ 5 cm/2级 单侧≥5cm",
    "3=3 bilateral < 5 cm/3级 双侧<5cm",
    "4=4 bilateral ≥ 5 cm/4级 双侧≥5cm",
)
TASC = codelist("TASC", "A=A", "B=B", "C=C", "D=D")
RUNOFF = codelist(
    "RUNOFF",
    "P=Patent (< 50 %)/通畅(<50%)",
    "S=Stenosed 50–99 %/狭窄50-99%",
    "O=Occluded/闭塞",
    "N=Not visualised/未显影",
)
DISS = codelist("DISS", "0=None/无", "A=A", "B=B", "C=C", "D=D", "E=E", "F=F")
STENCAT = codelist("STENCAT", "0=< 50 %/<50%", "1=50–69 %/50-69%", "2=70–99 %/70-99%", "3=Occlusion/闭塞")
WAVE = codelist(
    "WAVE", "TRI=Triphasic/三相波", "BI=Biphasic/双相波", "MONO=Monophasic/单相波", "ABS=Absent/未探及波形"
)
RESLOC = codelist(
    "RESLOC",
    "IN=In stent or balloon segment/支架内或球囊段内",
    "PE=Proximal edge/近端边缘",
    "DE=Distal edge/远端边缘",
    "MULT=Multiple/多处",
)
IMGMOD = codelist(
    "IMGMOD", "DSA=Catheter angiography/DSA造影", "CTA=CT angiography/CTA", "MRA=MR angiography/MRA"
)
FRACT = codelist(
    "FRACT",
    "0=No fracture/无断裂",
    "1=I single strut/I型 单处支架丝断裂",
    "2=II multiple single struts/II型 多处支架丝断裂",
    "3=III complete transverse, no displacement/III型 完全横断无移位",
    "4=IV complete transverse with displacement/IV型 完全横断伴移位",
    "5=V spiral/V型 螺旋断裂",
    "9=Not evaluable/不可评估",
)
