"""Small pictures and PDFs to upload."""

import io

from PIL import Image


def png(width: int = 8, height: int = 8, **more: object) -> bytes:
    """Return a PNG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (120, 10, 10)).save(out, "PNG", **more)
    return out.getvalue()


def jpeg(*, orientation: int = 1, width: int = 16, height: int = 8) -> bytes:
    """Return a JPEG with a position, a maker and an orientation in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of Wang Xiaoming"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (width, height), (10, 120, 10)).save(out, "JPEG", exif=exif, comment=b"Wang Xiaoming")
    return out.getvalue()


def pdf(inside: bytes = b"") -> bytes:
    """Return what passes for a PDF, with something inside."""
    return b"%PDF-1.7\n1 0 obj << /Type /Catalog " + inside + b" >> endobj\ntrailer <<>>\n%%EOF\n"
