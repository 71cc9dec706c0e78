"""The official form as it is printed: rows, groups and columns of the three tables.

Source: 国办公开办函〔2021〕30号 (form 2021) and 国办公开办函〔2019〕60号 (form 2019). Kept apart from the
form files of `extractors` on purpose: what is made here must not repeat a mistake made there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["2021", "2019"]


@dataclass(frozen=True)
class Line:
    """A row of table 三: its key, the group labels left of it (at most two), number and label."""

    key: str
    groups: tuple[str, ...]
    number: str
    label: str


@dataclass(frozen=True)
class Block:
    """One part of table 二: its article, column heads with keys, and (label, key) rows."""

    article: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]


REQUEST_COLUMNS: Final = (
    ("自然人", "natural_person"),
    ("商业企业", "commercial_enterprise"),
    ("科研机构", "research_institution"),
    ("社会公益组织", "public_welfare_organization"),
    ("法律服务机构", "legal_service_institution"),
    ("其他", "other_organization"),
    ("总计", "total"),
)
REVIEW_ROWS: Final = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
REVIEW_COLUMNS: Final = (
    ("结果维持", "upheld"),
    ("结果纠正", "corrected"),
    ("其他结果", "other"),
    ("尚未审结", "pending"),
    ("总计", "total"),
)

_RESULT = "三、本年度办理结果"
_DENIED = (_RESULT, "（三）不予公开")
_UNAVAILABLE = (_RESULT, "（四）无法提供")
_REJECTED = (_RESULT, "（五）不予处理")
_OTHER = (_RESULT, "（六）其他处理")

_BEFORE_OTHER: Final = (
    Line("new_received", (), "一、", "本年新收政府信息公开申请数量"),
    Line("carried_over", (), "二、", "上年结转政府信息公开申请数量"),
    Line("granted", (_RESULT,), "（一）", "予以公开"),
    Line("partially_granted", (_RESULT,), "（二）", "部分公开（区分处理的，只计这一情形，不计其他情形）"),
    Line("denied_state_secret", _DENIED, "1.", "属于国家秘密"),
    Line("denied_prohibited_by_law", _DENIED, "2.", "其他法律行政法规禁止公开"),
    Line("denied_security_and_stability", _DENIED, "3.", "危及“三安全一稳定”"),
    Line("denied_third_party_rights", _DENIED, "4.", "保护第三方合法权益"),
    Line("denied_internal_affairs", _DENIED, "5.", "属于三类内部事务信息"),
    Line("denied_process_information", _DENIED, "6.", "属于四类过程性信息"),
    Line("denied_enforcement_files", _DENIED, "7.", "属于行政执法案卷"),
    Line("denied_administrative_inquiry", _DENIED, "8.", "属于行政查询事项"),
    Line("unavailable_not_held", _UNAVAILABLE, "1.", "本机关不掌握相关政府信息"),
    Line("unavailable_needs_creation", _UNAVAILABLE, "2.", "没有现成信息需要另行制作"),
    Line("unavailable_still_unclear", _UNAVAILABLE, "3.", "补正后申请内容仍不明确"),
    Line("rejected_petition", _REJECTED, "1.", "信访举报投诉类申请"),
    Line("rejected_repeated", _REJECTED, "2.", "重复申请"),
    Line("rejected_publication", _REJECTED, "3.", "要求提供公开出版物"),
    Line("rejected_excessive", _REJECTED, "4.", "无正当理由大量反复申请"),
    Line("rejected_reconfirmation", _REJECTED, "5.", "要求行政机关确认或重新出具已获取信息"),
)
_OTHER_2021: Final = (
    Line("other_overdue_correction", _OTHER, "1.", "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请"),
    Line(
        "other_overdue_payment",
        _OTHER,
        "2.",
        "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    Line("other_other", _OTHER, "3.", "其他"),
)
_OTHER_2019: Final = (Line("other_handling", (_RESULT,), "（六）", "其他处理"),)
_AFTER_OTHER: Final = (
    Line("total_handled", (_RESULT,), "（七）", "总计"),
    Line("carried_forward", (), "四、", "结转下年度继续办理"),
)
REQUEST_LINES: Final[dict[str, tuple[Line, ...]]] = {
    "2021": _BEFORE_OTHER + _OTHER_2021 + _AFTER_OTHER,
    "2019": _BEFORE_OTHER + _OTHER_2019 + _AFTER_OTHER,
}

_MADE_2021: Final = (("本年制发件数", "issued"), ("本年废止件数", "repealed"), ("现行有效件数", "in_force"))
_DECISIONS_2021: Final = (("本年处理决定数量", "decisions"),)
_MADE_2019: Final = (
    ("本年新制作数量", "made"),
    ("本年新公开数量", "newly_disclosed"),
    ("对外公开总数量", "total_disclosed"),
)
_ITEMS_2019: Final = (("上一年项目数量", "previous_items"), ("本年增/减", "change"), ("处理决定数量", "decisions"))

PROACTIVE_BLOCKS: Final[dict[str, tuple[Block, ...]]] = {
    "2021": (
        Block("第二十条第（一）项", _MADE_2021, (("规章", "regulations"), ("行政规范性文件", "normative_documents"))),
        Block("第二十条第（五）项", _DECISIONS_2021, (("行政许可", "administrative_licensing"),)),
        Block(
            "第二十条第（六）项",
            _DECISIONS_2021,
            (("行政处罚", "administrative_penalty"), ("行政强制", "administrative_compulsion")),
        ),
        Block(
            "第二十条第（八）项",
            (("本年收费金额（单位：万元）", "amount_10k_yuan"),),
            (("行政事业性收费", "administrative_fees"),),
        ),
    ),
    "2019": (
        Block("第二十条第（一）项", _MADE_2019, (("规章", "regulations"), ("规范性文件", "normative_documents"))),
        Block(
            "第二十条第（五）项",
            _ITEMS_2019,
            (("行政许可", "administrative_licensing"), ("其他对外管理服务事项", "other_external_services")),
        ),
        Block(
            "第二十条第（六）项",
            _ITEMS_2019,
            (("行政处罚", "administrative_penalty"), ("行政强制", "administrative_compulsion")),
        ),
        Block("第二十条第（八）项", _ITEMS_2019[:2], (("行政事业性收费", "administrative_fees"),)),
        Block(
            "第二十条第（九）项",
            (("采购项目数量", "items"), ("采购总金额", "amount")),
            (("政府集中采购", "government_procurement"),),
        ),
    ),
}
SECTION_TITLES: Final = {
    1: "总体情况",
    2: "主动公开政府信息情况",
    3: "收到和处理政府信息公开申请情况",
    4: "政府信息公开行政复议、行政诉讼情况",
    5: "存在的主要问题及改进情况",
    6: "其他需要报告的事项",
}


def handled_rows(requests_form: str) -> tuple[str, ...]:
    """The keys of the rows that （七）总计 adds up."""
    return tuple(line.key for line in REQUEST_LINES[requests_form] if line.groups and line.key != "total_handled")
