"""Why a file or a page was not read: in a word for programs, in two sentences for people."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from extractors.errors import DocumentError


class Cause(StrEnum):
    """What ended a try that broke off."""

    CRASH = "crash"
    TIME = "time"
    MEMORY = "memory"


class Failure(BaseModel):
    """Why a file or a page was not read, for programs and for people."""

    code: str
    message: str
    message_zh: str


def failure_of(error: DocumentError) -> Failure:
    return Failure(code=error.code, message=error.message, message_zh=error.message_zh)


FILE_GONE = Failure(
    code="file-missing-in-store",
    message="The uploaded file is no longer in the store; please send it again.",
    message_zh="服务器上的原文件已不存在，请重新上传。",
)

SET_ASIDE: dict[Cause | None, Failure] = {
    None: Failure(
        code="set-aside",
        message="Reading was tried several times and broke off each time; the file or page has been set aside.",
        message_zh="多次尝试读取均中断，已搁置；请检查文件，或换用其他扫描件重新上传。",
    ),
    Cause.CRASH: Failure(
        code="set-aside-crash",
        message="Reading crashed at every try; the file or page has been set aside. It may be damaged: please save or "
        "scan it anew and send that.",
        message_zh="多次读取时程序均崩溃，已搁置；文件可能有损坏，请重新保存或扫描后再上传。",
    ),
    Cause.TIME: Failure(
        code="set-aside-time",
        message="Reading took longer than the time limit at every try; the file or page has been set aside. Please "
        "send a scan of lower resolution, or have NIANBAO_PAGE_SECONDS raised.",
        message_zh="多次读取均超过时限，已搁置；请降低扫描分辨率后重新上传，或请管理员调高时限（NIANBAO_PAGE_SECONDS）。",
    ),
    Cause.MEMORY: Failure(
        code="set-aside-memory",
        message="Reading needed more memory than is allowed at every try; the file or page has been set aside. Please "
        "send a scan of lower resolution, or have NIANBAO_MEMORY_LIMIT_MB raised.",
        message_zh="多次读取所需内存均超过上限，已搁置；请降低扫描分辨率后重新上传，"
        "或请管理员调高上限（NIANBAO_MEMORY_LIMIT_MB）。",
    ),
}
"""By what ended the last try; None where nobody was left to say."""
