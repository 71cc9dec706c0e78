"""Draws the words of a report: agency, title, preamble and the narrative of the sections."""

from __future__ import annotations

import datetime as dt
from random import Random

from tests.making.figures import FigureOptions, redraw
from tests.making.record import Record, Tables

PLACES = ("临江市", "青岚县", "北辰市", "松岭县", "云溪区", "南浦市", "白石区", "东湖县", "宁川自治县", "长汀新区")
OFFICES = (
    "教育和体育局", "市场监督管理局", "自然资源和规划局", "人力资源和社会保障局", "卫生健康委员会", "财政局",
    "农业农村局", "生态环境局", "住房和城乡建设局", "人民政府办公室", "应急管理局", "交通运输局", "审计局",
)  # fmt: skip
TOWNS = ("松岭镇", "河口镇", "龙泉街道", "石桥乡")
MATTERS = ("公开属性认定", "保密审查", "信息发布", "依申请公开答复", "政策解读", "平台维护", "目录更新", "档案移交")
CHANNELS = ("政府门户网站", "政务微信公众号", "新闻发布会", "公共图书馆查阅点", "政务服务大厅电子屏", "融媒体中心")
FAULTS = (
    "政策解读形式还不够丰富，图解、视频类解读占比偏低",
    "个别单位对公开工作重视不够，信息更新不及时",
    "从事公开工作的人员变动频繁，业务能力有待提高",
    "主动公开内容与群众期盼仍有差距",
    "基层政务公开标准化、规范化建设进展不平衡",
)
REMEDIES = (
    "加强业务培训，年内组织专题培训不少于2次，覆盖全部承办人员",
    "健全协调联动机制，压实各科室责任，定期通报工作情况",
    "围绕重点领域拓展公开范围，做到应公开尽公开",
    "优化网站栏目设置，及时清理失效信息和错误链接",
    "运用数字化手段丰富解读形式，提升政策知晓度",
)
SUBJECTS = ("主动公开情况", "依申请公开情况", "政府信息管理情况", "政府信息公开平台建设情况", "监督保障情况")
NUMERALS = "一二三四五六七八九十"


def draw_agency(rng: Random) -> str:
    kind = rng.random()
    place = rng.choice(PLACES)
    if kind < 0.65:
        return place + rng.choice(OFFICES)
    if kind < 0.8:
        return place + rng.choice(TOWNS) + ("办事处" if rng.random() < 0.2 else "人民政府")
    if kind < 0.9:
        return place + "人民政府"
    return f"国家税务总局{place}税务局"


def draw_title(rng: Random, agency: str, year: int) -> str:
    """The title as real reports have it: the year before or after the agency, 年报 for 年度报告."""
    subject = rng.choice(("政府信息公开工作年度报告",) * 4 + ("政府信息公开年度报告", "政府信息公开工作年报"))
    return rng.choice(
        (f"{agency}{year}年{subject}",) * 3 + (f"{year}年{agency}{subject}", f"{agency}{year}年度{subject}")
    )


def draw_record(rng: Random, options: FigureOptions | None = None, short: bool = False) -> Record:
    """A whole report; `short` keeps the narrative to a few lines."""
    options = options or FigureOptions()
    agency = draw_agency(rng)
    year = rng.choice((2019, 2020)) if options.form == "2019" else rng.randint(2021, 2025)
    record = Record(
        agency=agency,
        year=year,
        form=options.form,
        requests_form=options.requests_form,
        title=draw_title(rng, agency, year),
        tables={},
        sections={},
        published_on=_draw_date(rng, year) if rng.random() < 0.6 else None,
    )
    redraw(rng, record, options)
    record.sections = draw_sections(rng, agency, year, record.tables, short)
    return record


def _draw_date(rng: Random, year: int) -> str:
    return (dt.date(year + 1, 1, 2) + dt.timedelta(days=rng.randint(0, 100))).isoformat()


def draw_sections(rng: Random, agency: str, year: int, tables: Tables, short: bool = False) -> dict[str, str]:
    """Paragraphs of "0" (preamble) to "6", joined by newlines; what they claim of the tables is true."""
    first = [f"{year}年，{agency}认真贯彻落实《中华人民共和国政府信息公开条例》，{_work(rng)}。"]
    inline = rng.random() < 0.2
    for number, subject in enumerate(SUBJECTS[: 2 if short else 5]):
        heading = f"（{NUMERALS[number]}）{subject}"
        text = _claims(rng, year, tables) if number == 1 else _paragraph(rng, year, short)
        first.extend([f"{heading}。{text}"] if inline else [heading, text])
    faults = rng.sample(FAULTS, 2)
    fifth = [f"{year}年，我单位公开工作取得一定成效，但还存在一些问题：一是{faults[0]}；二是{faults[1]}。"]
    remedies = rng.sample(REMEDIES, 2 if short else 3)
    fifth.append(
        "下一步，我单位将重点做好以下工作：" + "；".join(f"{NUMERALS[i]}是{r}" for i, r in enumerate(remedies)) + "。"
    )
    sixth = ["依据《政府信息公开信息处理费管理办法》，本年度未收取信息处理费。"]
    if not short and rng.random() < 0.7:
        sixth = ["（一）信息处理费收取情况", *sixth, "（二）其他需要报告的事项", "本年度无其他需要报告的事项。"]
    return {
        "0": "\n".join(_preamble(rng, agency, year)),
        "1": "\n".join(first),
        "2": "本年度主动公开政府信息情况如下表所示。" if rng.random() < 0.1 else "",
        "3": _claims(rng, year, tables) if rng.random() < 0.15 else "",
        "4": "",
        "5": "\n".join(fifth),
        "6": "\n".join(sixth),
    }


def _preamble(rng: Random, agency: str, year: int) -> list[str]:
    paragraphs = [
        f"本报告由{agency}按照《中华人民共和国政府信息公开条例》（国务院令第711号，以下简称《条例》）和"
        f"《中华人民共和国政府信息公开工作年度报告格式》的要求编制。",
        f"本报告所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
        f"如对本报告有疑问，请与{agency}办公室联系"
        f"（联系电话：0{rng.randint(310, 999)}-{rng.randint(2000000, 8999999)}，邮编：310{rng.randint(100, 999)}）。",
    ]
    return paragraphs[: rng.choice((0, 1, 2, 3, 3, 3))]


def _work(rng: Random) -> str:
    matters = rng.sample(MATTERS, 3)
    return f"健全{matters[0]}制度，规范{matters[1]}流程，做好{matters[2]}工作，不断提升政务公开质量和实效"


def _paragraph(rng: Random, year: int, short: bool) -> str:
    """A paragraph with figures of its own, among them a breakdown that adds up."""
    channels = rng.sample(CHANNELS, 3)
    counts = [rng.randint(1, 400) for _ in channels]
    parts = "，".join(f"{name}{count}条" for name, count in zip(channels, counts, strict=True))
    sentence = f"全年主动公开政府信息{sum(counts)}条，其中{parts}。"
    if short:
        return sentence
    more = [
        f"我单位{_work(rng)}。",
        f"{rng.randint(1, 12)}月，召开专题会议{rng.randint(1, 9)}次，研究部署{rng.choice(MATTERS)}事项。",
        "坚持“以公开为常态、不公开为例外”，严格执行“先审查、后公开”和“三审三校”制度。",
        f"通过“{rng.choice(PLACES)}发布”微信公众号推送信息{rng.randint(20, 900)}条，"
        f"阅读量{rng.randint(1, 90)}.{rng.randint(1, 9)}万次。",
        f"{year}年共组织培训{rng.randint(1, 6)}次，参训{rng.randint(10, 300)}人次，开展督查{rng.randint(1, 4)}次。",
    ]
    return "".join([sentence, *rng.sample(more, rng.randint(1, 4))])


def _claims(rng: Random, year: int, tables: Tables) -> str:
    """A sentence on applications that says what table 三 says."""
    total = {row: columns["total"] or 0 for row, columns in tables["requests"].items()}
    if not total["new_received"]:
        return f"{year}年度，我单位未收到政府信息公开申请。"
    return (
        f"{year}年，共收到政府信息公开申请{total['new_received']}件，上年结转{total['carried_over']}件，"
        f"办结{total['total_handled']}件，结转下年度继续办理{total['carried_forward']}件。"
        f"其中予以公开{total['granted']}件、部分公开{total['partially_granted']}件。"
    )
