"""Chinese family names, and the syllables that a romanised given name is made of (for protocol/privacy.py).

The 120 most frequent family names cover about nine tenths of the population (Ministry of Public Security,
name report 2020); compound names are listed in full.
"""

SINGLE = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷"
    "詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农"
)
COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "皇甫",
    "司徒",
    "东方",
    "慕容",
    "夏侯",
    "尉迟",
    "令狐",
    "长孙",
    "宇文",
)

_ROMANISED = """
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin zheng xie luo liang song
    tang han feng deng cao peng zeng xiao tian dong yuan pan yu jiang cai du ye cheng su wei lu lv ding ren
    shen yao cui zhong tan fan jin shi liao jia xia fu fang bai zou meng xiong qin qiu yin xue yan duan lei
    hou long tao gu mao hao gong shao wan qian dai mo kong xiang ouyang"""
_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w"
_FINALS = """
    a o e i u v ai ei ui ao ou iu ie ue er an en in un ang eng ing ong ia iao ian iang iong ua uo uai uan
    uang"""

ROMANISED = frozenset(_ROMANISED.split())
SYLLABLES = frozenset(first + last for first in ("", *_INITIALS.split()) for last in _FINALS.split())
