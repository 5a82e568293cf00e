"""Pictures as data: URIs, after a look at what they are."""

import xml.etree.ElementTree as ET
from base64 import b64encode

import defusedxml.ElementTree as SafeET

from kolkit.errors import InputError

LOGO_BYTES = 2_000_000
SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


def _is_svg(data: bytes) -> bool:
    try:
        root = SafeET.fromstring(data)
    except (ET.ParseError, ValueError):
        return False
    return bool(root.tag.rsplit("}", 1)[-1] == "svg")


def data_uri(kind: str, data: bytes) -> str:
    """Bytes of a media type as a data: URI."""
    return f"data:{kind};base64,{b64encode(data).decode()}"


def check_size(place: str, name: str, size: int) -> None:
    """Refuse a logo above `LOGO_BYTES`; `place` is the input that names it."""
    if size > LOGO_BYTES:
        raise InputError(
            f"{place} must be a picture of at most {LOGO_BYTES // 1_000_000} MB; {name} "
            "is larger. Save it smaller."
        )


def picture(place: str, name: str, data: bytes) -> str:
    """A logo as data: URI.

    Parameters
    ----------
    place : the input that names it, for messages
    name : its file name
    data : its content

    Raises
    ------
    InputError
        it is too large, or no picture
    """
    check_size(place, name, len(data))
    kind = next((k for start, k in SIGNATURES.items() if data.startswith(start)), "")
    if not kind and _is_svg(data):
        kind = "image/svg+xml"
    if not kind:
        raise InputError(
            f"{place} must be a PNG, JPEG, GIF, WebP or SVG picture; {name} is none of them. "
            "Export the logo as PNG."
        )
    return data_uri(kind, data)
