"""A small region that a test makes from nothing: four schools' worth of organisations, people, programmes and figures."""

from decimal import ROUND_HALF_UP, Decimal

YEAR = 2025
PASSWORD = "a long enough password"

COMMISSION = "9011000001"
COLLEGE = "4111099901"
TRADE_SCHOOL = "3611099901"
HIGH_SCHOOL = "3611099902"
SCHOOLS = [COLLEGE, TRADE_SCHOOL, HIGH_SCHOOL]
BODIES = ["9311000001", "9311000002", "9311000003", "9311000004"]

REPORT_KIND = {COLLEGE: "higher", TRADE_SCHOOL: "secondary", HIGH_SCHOOL: "secondary"}


def text(zh, en=None):
    return {"zh": zh, "en": en or zh}


def organisation(code, kind, name, level="LEVEL_UNSPECIFIED", district=""):
    parent = "" if code == COMMISSION else COMMISSION
    name = text(name, f"Organisation {code}")
    return {"code": code, "kind": kind, "name": name, "level": level, "district": district, "parent_code": parent}


ORGANISATIONS = [
    organisation(COLLEGE, "KIND_HIGHER_VOCATIONAL", "北岭职业学院", "LEVEL_HIGHER"),
    organisation(TRADE_SCHOOL, "KIND_SPECIALISED_SECONDARY", "南岭中等专业学校", "LEVEL_SECONDARY", "南岭区"),
    organisation(HIGH_SCHOOL, "KIND_VOCATIONAL_HIGH", "东岭职业高中", "LEVEL_SECONDARY", "东岭区"),
    *(organisation(code, "KIND_EVALUATION_BODY", f"第{number}评估院") for number, code in enumerate(BODIES, 1)),
]

# Sign-in name → (role, organisation).
ACCOUNTS = {
    "chair": ("ROLE_CHAIR", COMMISSION),
    "publisher": ("ROLE_PUBLISHER", COMMISSION),
    "publisher-2": ("ROLE_PUBLISHER", COMMISSION),
    "college": ("ROLE_SCHOOL", COLLEGE),
    "trade-school": ("ROLE_SCHOOL", TRADE_SCHOOL),
    "high-school": ("ROLE_SCHOOL", HIGH_SCHOOL),
    "expert-1": ("ROLE_REVIEWER", BODIES[0]),
    "expert-2": ("ROLE_REVIEWER", BODIES[1]),
    "expert-3": ("ROLE_REVIEWER", BODIES[2]),
    "expert-4": ("ROLE_REVIEWER", BODIES[3]),
    # These two may score the other schools' programmes alone.
    "expert-college": ("ROLE_REVIEWER", COLLEGE),
    "expert-trade": ("ROLE_REVIEWER", TRADE_SCHOOL),
}
SCHOOL_ACCOUNT = {COLLEGE: "college", TRADE_SCHOOL: "trade-school", HIGH_SCHOOL: "high-school"}
EXPERTS = [name for name, (role, _) in ACCOUNTS.items() if role == "ROLE_REVIEWER"]
# Where an expert worked before; conflicts like the present employer.
FORMER_EMPLOYERS = {"expert-4": [HIGH_SCHOOL]}


def programme(school, code, name, opened, **more):
    level = "LEVEL_HIGHER" if school == COLLEGE else "LEVEL_SECONDARY"
    name = text(name, f"Programme {code}")
    return {"organisation_code": school, "code": code, "name": name, "level": level, "opened_year": opened, **more}


def pathway(sequence, places, partner_programme):
    return {
        "year": YEAR,
        "places": places,
        "partner": "岭南大学",
        "partner_programme": partner_programme,
        "sequence": sequence,
    }


# Every score of a programme that is to be monitored lies around `points`; the tests work out the grade from the scheme.
NEW_PROGRAMMES = {
    "510202": (COLLEGE, "计算机网络技术", 2022, "96"),
    "440501": (COLLEGE, "工程造价", 2023, "92"),
    "460301": (COLLEGE, "机电一体化技术", 2024, "87"),
    "530302": (COLLEGE, "大数据与会计", 2024, "55"),
    "710205": (TRADE_SCHOOL, "大数据技术应用", 2022, "82"),
    "660303": (TRADE_SCHOOL, "工业机器人技术应用", 2023, "77"),
    "730701": (TRADE_SCHOOL, "电子商务", 2024, "72"),
    "750402": (HIGH_SCHOOL, "文物保护技术", 2023, "67"),
    "750101": (HIGH_SCHOOL, "艺术设计与制作", 2023, "62"),
    # Exactly on a cut-off, which is inclusive.
    "760207W": (HIGH_SCHOOL, "融媒体技术应用", 2024, "60"),
}
PILOTS = {
    "470102": (COLLEGE, "药品生物技术", 2021, "91"),
    "410105": (COLLEGE, "园艺技术", 2023, "84"),
}
PROGRAMMES = [
    *(programme(school, code, name, opened) for code, (school, name, opened, _) in NEW_PROGRAMMES.items()),
    *(programme(school, code, name, opened, pilot=True) for code, (school, name, opened, _) in PILOTS.items()),
    # Too old to be new, and listed in the plan of articulated pathways; given here in the wrong order.
    programme(TRADE_SCHOOL, "700206", "汽车运用与维修", 2015, pathway=pathway(2, 30, "汽车工程技术")),
    programme(COLLEGE, "590202", "人力资源管理", 2012, pathway=pathway(1, 40, "人力资源管理")),
]

FIGURES = {
    COLLEGE: {
        "SC01": "1200", "SC02": "1131", "SC03": "228",
        "SAT01": "92.07", "SAT01N": "800", "SAT02": "93.1", "SAT04": "91.5", "SAT05": "90.2", "SAT06": "92.6",
        "RES05": "27", "RES11N": "1", "RES11M": "6", "RES12": "1", "RES15": "3", "POL06": "207", "POL16": "54",
        "BAS02": "3900", "BAS03": "32", "BAS04": "144", "BAS05": "129", "BAS11": "83", "BAS12": "85",
        "SVC06": "190.71", "SVC08": "42.62", "SVC10": "15", "SVC15": "431.5", "SVC17": "9298",
        "INT01": "40", "INT03": "6", "INT05": "8", "INT06": "2", "INT07": "1", "INT08": "0", "INT09": "1", "INT10": "1",
        "INT11": "67", "INT17": "1", "INT18": "61",
        "COP01": "319", "COP02": "447.38", "COP03": "33", "COP04": "158.87", "COP05": "10", "COP06": "20", "COP07": "5",
        "COP08": "2812", "COP10": "106", "TBK01": "7",
    },
    TRADE_SCHOOL: {
        "SC01": "500", "SC02": "477", "SC03": "460",
        "SAT01": "95.35", "SAT01N": "600", "SAT02": "95.9", "SAT04": "95.1", "SAT05": "94.8", "SAT06": "96.2",
        "RES05": "12", "RES11N": "1", "RES11M": "2", "RES12": "2", "RES15": "9", "POL06": "140", "POL16": "8",
        # More teachers of specialised courses than teachers: a warning that wants an explanation.
        "BAS02": "1500", "BAS03": "15", "BAS04": "141", "BAS05": "80", "BAS12": "22",
        "SVC06": "10.5", "SVC08": "1.6", "SVC11": "2", "SVC15": "130.12", "SVC17": "6900", "SVC18": "80", "SVC19": "120",
        "SVC20": "35", "SVC21": "190", "INT01": "5", "INT05": "1",
        "COP01": "23", "COP09": "8", "COP10": "24", "COP11": "44", "COP12": "18", "TBK01": "0",
    },
    HIGH_SCHOOL: {
        "SC01": "333", "SC02": "310", "SC03": "300",
        "SAT01": "94.1", "SAT01N": "333", "SAT02": "94.9", "SAT04": "93.3", "SAT05": "93.8", "SAT06": "95",
        "RES05": "9", "RES11N": "0", "RES11M": "3", "RES12": "1", "RES15": "5", "POL06": "95", "POL16": "4",
        "BAS02": "990", "BAS03": "11", "BAS04": "60", "BAS05": "41", "BAS12": "14",
        "SVC06": "7.25", "SVC08": "0", "SVC11": "0", "SVC15": "88", "SVC17": "5000", "SVC18": "50", "SVC19": "60",
        "SVC20": "21", "SVC21": "130", "INT01": "3", "INT05": "0",
        "COP01": "15", "COP09": "5", "COP10": "16", "COP11": "31", "COP12": "9", "TBK01": "3",
    },
}  # fmt: skip

# The surveys besides that of students; each has its valid responses and its method.
METHOD = "online"


def _shares(school, of, **thousandths):
    """Figures that are so many thousandths of another, at least 1."""
    whole = Decimal(FIGURES[school][of])
    return {code: str(max(1, int(whole * share / 1000))) for code, share in thousandths.items()}


def _rest(school):
    """What the tables do not print, in agreement with what they do."""
    own = FIGURES[school]
    higher = school == COLLEGE
    working = int(own["SC02"]) - int(own["SC03"]) - 3
    sectors = {"SC10": 1, "SC11": working // 3}
    rest = {
        "SVC01": working, "SC13N": 2, "SC12": working - sum(sectors.values()), **sectors, "SC09": "5800", "SC14": "45.2",
        "SVC02": working // 2, "SVC03": working // 20, "SVC04": working // 2, "SVC05": working // 4,
        "RES11S": 9, "RES13": int(own["RES15"]) + int(own["TBK01"]) + 4, "RES14": int(own["TBK01"]) + 1, "RES16": 3,
        "RES18": 2000, "RES19": 10000, "SVC07": "120.5", "SVC09": "8.2", "SVC12": "3.5", "SVC13": 24, "SVC14": 640,
        "SVC16": 120, "INT02": 2, "INT04": 1, "INT12": 1, "INT13": 36, "INT14": 20, "INT15": 1, "INT16": 1,
        "POL02": "42000", "POL03": "5200", "POL12": "92.4", "POL14": "86", "POL15": 1, "POL17": 60 * int(own["POL16"]),
        "POL18": str(Decimal(own["POL16"]) * Decimal("0.9")), "POL19": "120", "POL20": "11.5", "BAS17": 1, "BAS18": 0,
        **_shares(school, "SC01", SAT07N=600, SAT08N=400, POL13=550),
        **_shares(school, "SC02", SC08N=850),
        **_shares(school, "POL06", POL04=1420, POL05=1400, POL08=45, POL09=25, RES03N=380, SAT09N=700),
        **_shares(school, "COP01", SAT10N=400),
        **_shares(school, "RES05", RES04=300, RES06=28000, RES07=1680000, RES08=1500, RES09=4000, RES10=120, RES17=2500),
        **_shares(
            school, "BAS02", POL01=980, POL07=3, POL10=6 if higher else 30, POL11=900, BAS01=345, BAS06=96000, BAS07=26000,
            BAS08=8000, BAS09=130000, BAS10=800000, BAS13=1200, BAS16=9500, BAS19=1000, SAT11N=300,
        ),
        **({"SC07N": working * 3 // 4, "SVC11": 3, "BAS14": "83.4"} if higher else {"SVC10": 3, "BAS15": "99.1"}),
    }  # fmt: skip
    for part in range(2, 7):
        rest[f"SAT{part:02}N"] = own["SAT01N"]
    for part in (3, 7, 8, 9, 10, 11):
        rest[f"SAT{part:02}"] = own["SAT01"]
    for part in range(1, 12):
        rest[f"SAT{part:02}M"] = METHOD
    return {code: str(figure) for code, figure in rest.items()}


for _school in FIGURES:
    FIGURES[_school].update(_rest(_school))

BODY = "本节据学校本学年的台账和统计报表写成，数字取自所附各表，口径与上年一致。"


def cells(figures):
    return [
        {"indicator_code": code, "value": {"text" if figure == METHOD else "number": figure}}
        for code, figure in figures.items()
    ]


def schools_of(level):
    return [COLLEGE] if level == "higher" else [TRADE_SCHOOL, HIGH_SCHOOL]


def total(figures, level, code):
    """The sum of an indicator over a level's schools."""
    return sum(Decimal(figures[school][code]) for school in schools_of(level))


def percent(figures, level, part, whole):
    """A rate of sums, as the tables print it."""
    return f"{rounded(100 * total(figures, level, part) / total(figures, level, whole))}%"


def satisfaction(figures, level):
    """The mean of SAT01 weighted by valid answers, as the tables print it."""
    weighted = sum(
        Decimal(figures[school]["SAT01"]) * Decimal(figures[school]["SAT01N"]) for school in schools_of(level)
    )
    return f"{rounded(weighted / total(figures, level, 'SAT01N'))}%"


def rounded(number, places=2):
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def plain(number):
    """A decimal without needless zeros, as amounts are printed."""
    return format(number.normalize(), "f")
