"""Pictures as data: URIs, after a look at what they are."""

import io
import re
import warnings
import xml.etree.ElementTree as ET
from base64 import b64encode

import defusedxml.ElementTree as SafeET

from kolkit.errors import InputError

LOGO_BYTES = 2_000_000
KINDS = {"PNG": "PNG", "JPEG": "JPEG", "GIF": "GIF", "WEBP": "WebP"}
"""Pictures of points that every browser shows: as the library calls them, and as people do."""

WIDEST, TALLEST, LEAST_PIXELS = 12, 8, 24
"""A logo is at most so many times as wide as high, or as high as wide; a picture of points has at
least so many either way."""

SVG = "image/svg+xml"
SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
LENGTH = re.compile(r"\s*([-+]?[\d.]+(?:e[+-]?\d+)?)([a-z]*)\s*", re.IGNORECASE)
Size = tuple[float, float]


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
        it is too large, no picture, or would print as a sliver or a speck
    """
    check_size(place, name, len(data))
    drawn = _drawn(data)
    kind, size = (SVG, _drawn_size(drawn)) if drawn is not None else _points(place, name, data)
    if size:
        _check_shape(place, size, drawn=drawn is not None)
    return data_uri(kind, data)


def _drawn(data: bytes) -> ET.Element | None:
    try:
        root = SafeET.fromstring(data)
    except (ET.ParseError, ValueError):
        return None
    return root if root.tag == SVG_ROOT else None


def _drawn_size(root: ET.Element) -> Size | None:
    """Width and height in any unit that both have; None where only a browser could tell."""
    width, height = (LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height"))
    box = root.get("viewBox", "").replace(",", " ").split()
    try:
        if width and height and width[2] == height[2]:
            return float(width[1]), float(height[1])
        return (float(box[2]), float(box[3])) if len(box) == 4 else None
    except ValueError:
        return None


def _points(place: str, name: str, data: bytes) -> tuple[str, Size]:
    """Media type and size in pixels of a picture of points that can be read to its end."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(KINDS)) as image:
                kind = Image.MIME[str(image.format)]
                # Turned as its camera says, which is how browsers show it.
                return kind, ImageOps.exif_transpose(image).size
    except UnidentifiedImageError:
        why = f"must be a {', '.join(KINDS.values())} or SVG picture; {name} is none of them"
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        why = f"must be a picture for a page; {name} has too many pixels for one"
    except (OSError, SyntaxError, ValueError):
        why = f"must be a whole picture; {name} is damaged"
    raise InputError(f"{place} {why}. Export the logo as PNG.")


def _check_shape(place: str, size: Size, *, drawn: bool) -> None:
    width, height = size
    told = f"{width:g} × {height:g} {'units' if drawn else 'pixels'}"
    if not (0 < width <= WIDEST * height and height <= TALLEST * width):
        raise InputError(
            f"{place} must be at most {WIDEST} times as wide as high and {TALLEST} times as high "
            f"as wide; it has {told}. Cut its empty edges off, or use another version of it."
        )
    if not drawn and min(size) < LEAST_PIXELS:
        raise InputError(
            f"{place} must have at least {LEAST_PIXELS} pixels either way; it has {told}. "
            "Export it larger, or as SVG."
        )
