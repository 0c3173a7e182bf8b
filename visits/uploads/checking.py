"""What a file is, whatever it says it is: type by name, by first bytes and by parsing; then it is cleaned.

Images are written anew, which leaves out EXIF, comments, and whatever was hung behind the picture (PRI-04). A
PDF stays as it is, and is refused where it holds something that acts, or is encrypted (SEC-06).
"""

from __future__ import annotations

import io
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from protocol.words import Bilingual, T

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_INFLATED = 100 * 1024 * 1024
FIRST_BYTES = {"PDF": b"%PDF-1.", "JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n"}
EXTENSIONS = {"pdf": "PDF", "jpg": "JPEG", "jpeg": "JPEG", "png": "PNG"}
ACTS = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|AA|RichMedia|XFA|SubmitForm|ImportData)(?![A-Za-z0-9])"
    rb"|/OpenAction(?!\s*\[)"  # an array is only the place at which the reader opens
)
# Names too long to stand in a picture by chance are looked for everywhere, since what looks like a stream
# to us (a comment, say) need not be one to a reader, who finds objects by their place in the file.
ACTS_ANYWHERE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])"
    rb"|/OpenAction(?!\s*\[)|/XFA\s*[\[0-9]"
)
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
DEFLATED = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])\s*(?:/|>)")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")

EMPTY = T("The file is empty.", "文件为空。")
TOO_LARGE = T("The file is larger than 20 MB.", "文件超过20 MB。")
WRONG_NAME = T("Only PDF, JPEG and PNG files are taken.", "仅接受PDF、JPEG和PNG文件。")
WRONG_CONTENT = T(
    "The content is not what the file's name says, or it is damaged.", "文件内容与其名称不符，或文件已损坏。"
)
TOO_MANY_PIXELS = T("The picture has more than 50 million pixels.", "图片超过5000万像素。")
HAS_ACTIONS = T(
    "The PDF holds scripts, attachments or actions. Print it to a new PDF and upload that.",
    "PDF含有脚本、附件或自动操作。请重新打印为PDF后上传。",
)
HIDDEN = T(
    "Parts of the PDF cannot be looked into. Print it to a new PDF and upload that.",
    "PDF有无法检查的部分。请重新打印为PDF后上传。",
)
ENCRYPTED = T("The PDF is encrypted. Save it without a password.", "PDF已加密，请另存为无密码文件。")


class UploadRefused(Exception):
    """A file that is not taken; `message` says why in both languages."""

    def __init__(self, message: Bilingual) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file as it may be kept."""

    kind: str
    content: bytes


def clean(name: str, content: bytes) -> Cleaned:
    """Return what may be kept of a file; UploadRefused where it is empty, too large, or not what it says."""
    if not content:
        raise UploadRefused(EMPTY)
    if len(content) > MOST_BYTES:
        raise UploadRefused(TOO_LARGE)
    kind = EXTENSIONS.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise UploadRefused(WRONG_NAME)
    if not content.startswith(FIRST_BYTES[kind]):
        raise UploadRefused(WRONG_CONTENT)
    if kind == "PDF":
        _look_into(content)
        return Cleaned(kind, content)
    return Cleaned(kind, _drawn_anew(kind, content))


def _drawn_anew(kind: str, content: bytes) -> bytes:
    """Return the picture alone, upright; a JPEG that needs no turning keeps its own compression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            picture = Image.open(io.BytesIO(content), formats=[kind])
            if picture.width * picture.height > MOST_PIXELS:
                raise UploadRefused(TOO_MANY_PIXELS)
            picture.load()
            return _written(kind, picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise UploadRefused(TOO_MANY_PIXELS) from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as broken:
        raise UploadRefused(WRONG_CONTENT) from broken


def _written(kind: str, picture: Image.Image) -> bytes:
    turned = picture.getexif().get(0x0112, 1) != 1
    upright = ImageOps.exif_transpose(picture) if turned else picture
    for hidden in ("exif", "icc_profile", "comment", "xmp", "photoshop"):
        upright.info.pop(hidden, None)
    out = io.BytesIO()
    if kind == "PNG":
        upright.save(out, "PNG", exif=b"")
    elif turned:
        upright.save(out, "JPEG", quality=95, exif=b"")
    else:
        upright.save(out, "JPEG", quality="keep", exif=b"")
    return out.getvalue()


def _look_into(content: bytes) -> None:
    """Refuse a PDF that ends early, is encrypted, acts, or packs objects so that nobody can tell."""
    if b"%%EOF" not in content[-2048:]:
        raise UploadRefused(WRONG_CONTENT)
    plain = _plain(content)
    if b"/Encrypt" in plain:
        raise UploadRefused(ENCRYPTED)
    if ACTS_ANYWHERE.search(plain):
        raise UploadRefused(HAS_ACTIONS)
    left = MOST_INFLATED
    for part in _parts(content):
        left -= len(part)
        if left < 0:
            raise UploadRefused(TOO_LARGE)
        if ACTS.search(_plain(part)):
            raise UploadRefused(HAS_ACTIONS)
    if len(OBJECTS.findall(plain)) != _readable_objects(content):
        raise UploadRefused(HIDDEN)


def _readable_objects(content: bytes) -> int:
    """Return how many streams of objects are whole and packed in the one way that _parts unpacks."""
    readable, before = 0, 0
    for stream in STREAM.finditer(content):
        head = _plain(content[before : stream.start()].rpartition(b"obj")[2])
        before = stream.end()
        if OBJECTS.search(head) and DEFLATED.search(head) and b"/DecodeParms" not in head:
            inflater = zlib.decompressobj()
            with suppress(zlib.error):
                inflater.decompress(stream[1], MOST_INFLATED)
                readable += inflater.eof and not inflater.unused_data.strip()
    return readable


def _parts(content: bytes) -> Iterator[bytes]:
    yield STREAM.sub(b"stream endstream", content)
    for stream in STREAM.finditer(content):
        inflater = zlib.decompressobj()
        try:
            yield inflater.decompress(stream[1], MOST_INFLATED)
        except zlib.error:
            continue


def _plain(part: bytes) -> bytes:
    """Return names as they are meant: /J#61vaScript is /JavaScript."""
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)
