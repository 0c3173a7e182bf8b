"""What in a free text or a file name may identify a person (PRI-03, PIPL 51): found, never changed.

The reader shows what it has found before anything is stored. It looks for numbers that people are
registered under, ways to reach them, where they live, the day they were born and names. Lot numbers, device
identifiers, measurements and study numbers are no finding. It errs to the side of asking.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from protocol.surnames import COMPOUND, ROMANISED, SINGLE, SYLLABLES
from protocol.words import Bilingual

KINDS: dict[str, Bilingual] = {
    "identity": Bilingual("an identity or insurance number", "证件号或医保号"),
    "phone": Bilingual("a telephone number", "电话号码"),
    "account": Bilingual("a mail, WeChat or other account", "邮箱、微信或其他账号"),
    "record": Bilingual("a hospital record number", "住院号、病历号等院内编号"),
    "address": Bilingual("an address", "住址"),
    "birth": Bilingual("a date of birth", "出生日期"),
    "name": Bilingual("a person's name", "姓名"),
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A part of a text that may identify somebody: its kind (of KINDS) and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = lambda match: True


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LAST = "10X98765432"


def _is_day(text: str) -> bool:
    try:
        return 1900 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2100
    except ValueError:
        return False


def _is_identity(match: re.Match[str]) -> bool:
    """Whether 18 signs are a resident identity number: its check character, or at least its birth date."""
    digits = re.sub("[^0-9Xx]", "", match[0]).upper()
    check = LAST[sum(int(sign) * weight for sign, weight in zip(digits, WEIGHTS, strict=False)) % 11]
    return check == digits[17] or (_is_day(digits[6:14]) and digits[0] in "12345689")


def _is_old_identity(match: re.Match[str]) -> bool:
    return _is_day("19" + match[0][6:12])


def _is_romanised_name(match: re.Match[str]) -> bool:
    """Whether two capitalised words are a family and a given name, in either order."""
    first, second = match["a"].lower(), match["b"].lower()
    return (first in ROMANISED and _is_given(second)) or (second in ROMANISED and _is_given(first))


def _is_romanised_family(match: re.Match[str]) -> bool:
    return match["a"].lower() in ROMANISED


def _is_given(word: str) -> bool:
    return any(
        word[:cut] in SYLLABLES and (not word[cut:] or word[cut:] in SYLLABLES)
        for cut in range(1, len(word) + 1)
    )


_FAMILY = f"(?:{'|'.join(COMPOUND)}|[{''.join(sorted(SINGLE))}])"
_HAN = "[\u4e00-\u9fff]"
_PERSON = (
    "(?:患者|受试者|病人|家属|联系人|监护人|代签人|其子|其女|其妻|其夫|儿子|女儿|儿媳|女婿|配偶|丈夫|妻子|老伴|父亲|母亲|哥哥|姐姐|弟弟|妹妹|"
    "护士|主刀医生|医生|医师|大夫)"
)
# What may follow a name: the end, a sign, or a word that a sentence about somebody goes on with.
_AFTER_NAME = (
    "(?=$|[\\s,。;、.):]|诉|称|因|于|今|拒|失|代|告|来|陪|转|照|签|电|要|自|术|入|出|死|去|随|复|已|未|提"
    "|同意|建|测|会|先生|女士|男|女)"
)
# Words of the clinic that begin with a sign that is also a family name.
_NOT_NAMES = (
    "高(?:血|龄|危|热|脂|钾|钠|尿|度|压|位|分)|黄(?:疸|色|染)|白(?:细|蛋|天|班|色|内)|常(?:规|年|见|伴)|于|左[侧下上髂股]|右|"
    "石(?:膏|化)|温(?:度|热)|安(?:静|全|排|装)|平(?:卧|稳|时|素|均)|方(?:案|便|面|可)|余|向|时|全|毛(?:发|细)|"
    "成(?:功|年)|路(?:上|程)|关(?:节|于|注)|连(?:续|接)|单(?:侧|次|纯|独|抗)|管(?:腔|壁)|包(?:括|扎)|任[何意]|车祸|曾|应|和|"
    "马上|严(?:重|格)|江苏|周(?:围|后|内|一|二|三|四|五|六|日)|华法|房颤|陈旧|文(?:献|化)|施(?:行|术)|童年|游走|阳(?:性|台)|"
    "申(?:请|诉)|康复|汤药|顾虑|付费|程(?:度|序)|许可|苏醒|夏季|向前|尚|符合|梅毒|凌晨|何(?:时|处)|焦虑"
)
_CHINESE_NAME = f"(?!{_NOT_NAMES}){_FAMILY}{_HAN}{{1,2}}?"
_TITLE = (
    "(?:先生|女士|小姐|太太|阿姨|叔叔|大爷|大妈|大娘|奶奶|爷爷|老师|主任|大夫|医生|医师|护士|教授|护士长)"
)
_STORED_UNDER = (
    "(?:住院|病案|病历|门诊|登记|就诊卡|急诊|影像|检查|检验|超声|标本|病理|体检|床|工)(?:号码|编号|号)"
)
_RECORD_WORDS = (
    "(?:MRN|(?:medical\\s+|hospital\\s+|patient\\s+|inpatient\\s+|outpatient\\s+|admission\\s+|case\\s+)"
    "(?:record\\s+)?(?:number|no\\b\\.?|id\\b)|record\\s+(?:number|no\\b\\.?))"
)
_OURS = re.compile(
    r"(?:批号|lot(?:\s*no\.?)?|udi|gtin|sn|s/n|ref|型号|注册证号?|序列号)\s*:?\s*[A-Z0-9()./-]+|\(01\)[0-9A-Z()]+"
    r"|国械注[准进许][0-9]+|NCT[0-9]{8}|DEFIER-[0-9]{2}-[0-9]{3}-[0-9A-Z]",
    re.IGNORECASE,
)


def _rule(kind: str, pattern: str, holds: Callable[[re.Match[str]], bool] | None = None) -> _Rule:
    compiled = re.compile(pattern, re.IGNORECASE)
    return _Rule(kind, compiled) if holds is None else _Rule(kind, compiled, holds)


def _cased(kind: str, pattern: str, holds: Callable[[re.Match[str]], bool] | None = None) -> _Rule:
    compiled = re.compile(pattern)
    return _Rule(kind, compiled) if holds is None else _Rule(kind, compiled, holds)


RULES: tuple[_Rule, ...] = (
    _rule("identity", r"(?<![0-9])[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9X](?![0-9])", _is_identity),
    _rule("identity", r"(?<![0-9])[0-9]{15}(?![0-9])", _is_old_identity),
    _rule(
        "identity",
        r"(?:护照|军官证|身份证|医保|社保|社会保障|证件|驾驶证|台胞证|银行卡|passport|id\s*(?:card|no\.?|number))"
        r"(?:卡)?(?:号码|号)?:?\s*[\u4e00-\u9fff]{0,2}第?[A-Z]?[0-9]{6,}",
    ),
    _rule("identity", r"车牌号?:?\s*[\u4e00-\u9fff][A-Z][A-Z0-9]{5}"),
    _rule("phone", r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])"),
    _rule("phone", r"(?<![0-9.])[(]?0[1-9][0-9]{1,2}[)]?[ -]?[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9])"),
    _rule("account", r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    _rule("account", r"(?:微信号?|wechat|weixin|qq号?):?\s*[a-z0-9][\w-]{4,}|\bwxid_\w+"),
    _rule("record", rf"{_STORED_UNDER}\s*(?:为|是)?:?\s*[A-Z]{{0,3}}-?[0-9]{{3,}}"),
    _rule("record", rf"{_RECORD_WORDS}\s*:?\s*[A-Z]{{0,3}}[0-9]{{4,}}|\bMRN\s*:?\s*[0-9]{{3,}}"),
    _rule("record", r"[0-9]{1,3}\s*床(?![头边旁])"),
    _rule("address", r"(?:路|街|巷|弄|道|胡同)[0-9]+(?:号|弄)|[0-9]+(?:号楼|栋|幢|单元|室)"),
    _rule("address", r"(?:镇|街道|乡)[\u4e00-\u9fff]{1,6}(?:村|组|社区)|[\u4e00-\u9fff]村[0-9]+(?:组|号)"),
    _rule("address", r"\b[0-9]+\s+(?:[A-Z][a-z]+\s+){1,3}(?:Road|Street|Rd|Lane|Avenue|Ave)\b"),
    _rule("address", r"(?:apartment|apt|flat)\s*[0-9]+"),
    _rule(
        "birth",
        r"(?:出生日期|出生于|生于|生日|dob|date of birth|born(?:\s+on)?)\s*:?\s*"
        r"(?:[0-9]{4}[-./年][0-9]{1,2}[-./月][0-9]{1,2}|[0-9]{1,2}\s+[a-z]{3,9}\s+[0-9]{4})",
    ),
    _rule("name", rf"姓名\s*[:为是]?\s*{_HAN}{{2,4}}|(?:patient\s+)?name\s*[:=]\s*[a-z]+"),
    _rule("name", rf"{_PERSON}:?\s*{_CHINESE_NAME}{_AFTER_NAME}"),
    _rule("name", rf"(?!{_NOT_NAMES}){_FAMILY}{_HAN}{{0,2}}?{_TITLE}"),
    _cased("name", r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s+(?P<a>[A-Z][a-z]+)", _is_romanised_family),
    _cased(
        "name",
        r"(?<![A-Za-z])(?P<a>[A-Z][a-z]{1,6})[ _]?(?P<b>[A-Z][a-z]{1,11})(?![a-z])",
        _is_romanised_name,
    ),
    _rule(
        "name",
        rf"^{_CHINESE_NAME}(?=[\s_-]|超声|造影|影像|报告|CT|B超|病历|出院|入院|手术|\.)[\w\s.-]*\.(?:pdf|jpe?g|png|dcm|docx?|xlsx?|zip|tiff?)$",
    ),
)


def screen(text: str) -> list[Suspicion]:
    """Return what in a text may identify a person, in the order of the text; [] for none.

    Full-width characters count as plain ones. Positions are those of the text as given (NFC text and
    full-width forms keep their length). Source: PRI-03; GB 11643 for identity numbers.
    """
    plain = "".join(
        unicodedata.normalize("NFKC", sign) if len(unicodedata.normalize("NFKC", sign)) == 1 else sign
        for sign in text
    )
    ours = [match.span() for match in _OURS.finditer(plain)]
    found = [
        Suspicion(rule.kind, *match.span())
        for rule in RULES
        for match in rule.pattern.finditer(plain)
        if rule.holds(match) and not any(a <= match.start() and match.end() <= b for a, b in ours)
    ]
    return sorted(_apart(found), key=lambda one: one.start)


def _apart(found: list[Suspicion]) -> Iterator[Suspicion]:
    """Yield each finding that no earlier rule's finding covers."""
    for number, one in enumerate(found):
        if not any(other.start <= one.start and one.end <= other.end for other in found[:number]):
            yield one


def described(found: list[Suspicion]) -> Bilingual:
    """Return in words what was found, each kind once."""
    kinds = list(dict.fromkeys(one.kind for one in found))
    return Bilingual(", ".join(KINDS[kind].en for kind in kinds), "、".join(KINDS[kind].zh for kind in kinds))
