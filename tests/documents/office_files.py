"""Makes files as offices have them, of each format that is read."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import docx
from fpdf import FPDF

RED_HEAD = (
    "000012",
    "特急",
    "云河市人民政府文件",
    "云府发〔2026〕7号",
    "云河市人民政府关于印发",
    "《云河市犬只管理办法》的通知",
    "各区人民政府，市政府各部门：",
    "现将《云河市犬只管理办法》印发给你们，请认真贯彻执行。",
    "附件：1.犬只登记表",
    "2.收费标准",
    "云河市人民政府",
    "2026年3月2日",
    "（此件公开发布）",
    "云河市犬只管理办法",
    "第一章　总则",
    "第一条　为了规范养犬，制定本办法。",
    "第二条　犬只登记有效期为一年。",
    "第三条　本办法自2026年4月1日起施行。",
    "附件1",
    "犬只登记表",
    "姓名、地址。",
)
FONT = Path("/usr/share/fonts")


def word(lines: Sequence[str]) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    stored = BytesIO()
    document.save(stored)
    return stored.getvalue()


def rich_text(lines: Sequence[str]) -> bytes:
    """Half of the characters as `\\u`, half as bytes of the code page, as Word and WPS write them."""
    body = ""
    for line in lines:
        for place, character in enumerate(line):
            if character.isascii():
                body += character
            elif place % 2:
                body += f"\\u{ord(character)}?"
            else:
                body += "".join(f"\\'{byte:02x}" for byte in character.encode("gb18030"))
        body += "\\par\n"
    return (
        "{\\rtf1\\ansi\\ansicpg936\\uc1{\\fonttbl{\\f0 SimSun;}}{\\info{\\title hidden}}{\\*\\generator x;}\n"
        + body
        + "{\\pict 0102}}"
    ).encode()


def packed(members: dict[str, str | bytes]) -> bytes:
    stored = BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return stored.getvalue()


def open_document(lines: Sequence[str]) -> bytes:
    text = "".join(f"<text:p>{line}</text:p>" for line in lines)
    table = "".join(
        f"<table:table-row><table:table-cell><text:p>{one}</text:p></table:table-cell>"
        f"<table:table-cell><text:p>{other}</text:p></table:table-cell></table:table-row>"
        for one, other in (("项目", "价格"), ("登记", "80 元"))
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">'
        f"<office:body><office:text>{text}<table:table>{table}</table:table></office:text></office:body>"
        "</office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def ofd(lines: Sequence[str]) -> bytes:
    """One page; a long line is wrapped to lines of 28 characters, indented as paragraphs are."""
    placed, top = [], 20.0
    for line in lines:
        text = f"　　{line}"
        for start in range(0, len(text), 28):
            part = text[start : start + 28]
            plain = part.lstrip("　")
            placed.append((plain, 20 + 4.5 * (len(part) - len(plain)), top, 4.5))
            top += 7
    return ofd_of_pages([placed])


def ofd_of_pages(pages: Sequence[Sequence[tuple[str, float, float, float]]]) -> bytes:
    """Of each line its text, left, top and size in mm."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    names = [f"Pages/{number}.xml" for number in range(len(pages))]
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc="{name}"/>' for number, name in enumerate(names, start=1))
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
        "</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for name, page in zip(names, pages, strict=True):
        shown = "".join(
            f'<ofd:TextObject ID="{number}" Boundary="{left} {top} {_width(text, size)} {size}" Size="{size}">'
            f'<ofd:TextCode X="0" Y="{size}">{text}</ofd:TextCode></ofd:TextObject>'
            for number, (text, left, top, size) in enumerate(page, start=100)
        )
        members[f"Doc_0/{name}"] = (
            f"<ofd:Page {space}><ofd:Content><ofd:Layer>{shown}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return packed(members)


def ofd_of_pictures(pictures: Sequence[bytes]) -> bytes:
    """A scan: a picture on each page, with a smaller one, a seal, before it."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
        "</ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:DocumentRes>DocumentRes.xml"
        "</ofd:DocumentRes></ofd:CommonData><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{at}" BaseLoc="Pages/{at}.xml"/>' for at in range(len(pictures)))
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {space} BaseLoc="Res"><ofd:MultiMedias>'
        + "".join(
            f'<ofd:MultiMedia ID="{10 + at}" Type="Image"><ofd:MediaFile>{at}.jpg</ofd:MediaFile></ofd:MultiMedia>'
            for at in range(len(pictures))
        )
        + "</ofd:MultiMedias></ofd:Res>",
    }
    for at, picture in enumerate(pictures):
        members[f"Doc_0/Res/{at}.jpg"] = picture
        members[f"Doc_0/Pages/{at}.xml"] = (
            f"<ofd:Page {space}><ofd:Content><ofd:Layer>"
            '<ofd:ImageObject ID="1" Boundary="90 200 40 40" ResourceID="99"/>'
            f'<ofd:ImageObject ID="2" Boundary="0 0 210 297" ResourceID="{10 + at}"/>'
            "</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return packed(members)


def _width(text: str, size: float) -> float:
    """Latin letters and digits are half as wide as Chinese characters."""
    return size * sum(0.5 if character.isascii() else 1.0 for character in text)


def pdf(lines: Sequence[str], password: str = "") -> bytes:
    """Chinese needs a font of the machine; without one the lines should be English."""
    made = FPDF()
    made.add_page()
    found = chinese_font()
    if found:
        made.add_font("han", fname=str(found))
    made.set_font("han" if found else "helvetica", size=14)
    for line in lines:
        made.multi_cell(0, 9, f"　　{line}" if found else f"    {line}", align="L", new_x="LMARGIN", new_y="NEXT")
    if password:
        made.set_encryption("owner", password)
    return bytes(made.output())


def chinese_font() -> Path | None:
    return next(
        (path for path in sorted(FONT.rglob("*")) if path.suffix in (".ttf", ".ttc", ".otf") and "CJK" in path.name),
        None,
    )
