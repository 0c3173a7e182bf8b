"""The twelve institutions of the study: numbers, names (protocol §1.3) and how the record words them.

The record has no list of locations; it names the sponsor's institution and eleven collaborators. Chinese
names are our reading of the English ones.
"""

from dataclasses import dataclass

from protocol.words import Bilingual, T


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution; `marks` are words that its line in the record has and no other line has."""

    code: str
    name: Bilingual
    city: Bilingual
    marks: tuple[str, ...]
    clinical: bool = True


SHANGHAI, HANGZHOU = T("Shanghai", "上海"), T("Hangzhou", "杭州")

INSTITUTIONS = (
    Institution(
        "01",
        T("Affiliated Hospital of Chengdu University of TCM", "成都中医药大学附属医院"),
        T("Chengdu", "成都"),
        ("Chengdu University of Traditional Chinese Medicine",),
    ),
    Institution(
        "02",
        T(
            "First Affiliated Hospital, Zhejiang University School of Medicine, Vascular Surgery",
            "浙江大学医学院附属第一医院 血管外科",
        ),
        HANGZHOU,
        ("First Affiliated Hospital", "Zhejiang University"),
    ),
    Institution(
        "03",
        T(
            "Liyuan Hospital, Tongji Medical College, HUST, Vascular Surgery",
            "华中科技大学同济医学院附属梨园医院 血管外科",
        ),
        T("Wuhan", "武汉"),
        ("Liyuan Hospital",),
    ),
    Institution(
        "04",
        T(
            "Qingdao Haici Hospital affiliated to Qingdao University, Vascular Surgery",
            "青岛大学附属青岛市海慈医院 血管外科",
        ),
        T("Qingdao", "青岛"),
        ("Qingdao Haici Hospital",),
    ),
    Institution(
        "05",
        T(
            "Affiliated Hangzhou First People's Hospital, Zhejiang University, Vascular Surgery",
            "浙江大学医学院附属杭州市第一人民医院 血管外科",
        ),
        HANGZHOU,
        ("Hangzhou First People's Hospital",),
    ),
    Institution(
        "06",
        T(
            "Second Affiliated Hospital of Soochow University, Vascular Surgery",
            "苏州大学附属第二医院 血管外科",
        ),
        T("Suzhou", "苏州"),
        ("Soochow University",),
    ),
    Institution(
        "07",
        T("Zhongshan Hospital, Fudan University, Vascular Surgery", "复旦大学附属中山医院 血管外科"),
        SHANGHAI,
        ("Zhongshan Hospital",),
    ),
    Institution(
        "08",
        T("Huashan Hospital, Fudan University, Vascular Surgery", "复旦大学附属华山医院 血管外科"),
        SHANGHAI,
        ("Huashan Hospital",),
    ),
    Institution(
        "09",
        T(
            "Xiamen Cardiovascular Hospital of Xiamen University, Cardiovascular Surgery",
            "厦门大学附属心血管病医院 心血管外科",
        ),
        T("Xiamen", "厦门"),
        ("Xiamen Cardiovascular Hospital",),
    ),
    Institution(
        "10",
        T(
            "Renji Hospital, Shanghai Jiao Tong University School of Medicine, Vascular Surgery",
            "上海交通大学医学院附属仁济医院 血管外科",
        ),
        SHANGHAI,
        ("Renji Hospital",),
    ),
    Institution(
        "11",
        T(
            "Biomedical Informatics and Statistics Center, School of Public Health, Fudan University",
            "复旦大学公共卫生学院 生物医学信息与统计中心",
        ),
        SHANGHAI,
        ("Biomedical Informatics and Statistics Center",),
        clinical=False,
    ),
    Institution(
        "12",
        T("Xuanwu Hospital, Capital Medical University, Vascular Surgery", "首都医科大学宣武医院 血管外科"),
        T("Beijing", "北京"),
        ("Xuanwu Hospital",),
    ),
)
INSTITUTION = {institution.code: institution for institution in INSTITUTIONS}
