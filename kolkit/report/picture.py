"""Pictures as data: URIs, after a look at what they are."""

import io
import re
import warnings
import xml.etree.ElementTree as ET
from base64 import b64decode, b64encode
from collections import Counter
from contextlib import suppress

import defusedxml.ElementTree as SafeET
import numpy as np

from kolkit.errors import InputError
from kolkit.report.colours import PAPER, contrast

LOGO_BYTES = 2_000_000
KINDS = {"PNG": "PNG", "JPEG": "JPEG", "GIF": "GIF", "WEBP": "WebP"}
"""Pictures of points that every browser shows: as the library calls them, and as people do."""

WIDEST, TALLEST, LEAST_PIXELS = 12, 8, 24
"""A logo is at most so many times as wide as high, or as high as wide; a picture of points has at
least so many either way."""

SVG = "image/svg+xml"
SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
LENGTH = re.compile(r"\s*([-+]?[\d.]+(?:e[+-]?\d+)?)([a-z]*)\s*", re.IGNORECASE)
PAINT = re.compile(
    r"(?:fill|stroke|stop-color)\s*[=:][\s\"']*(#\w+|rgba?\([^)]*\)|[a-z]+)", re.IGNORECASE
)
LEAST_CONTRAST = 1.5
"""With white; what has less cannot be seen on it."""
SAMPLE, CLEAR = (48, 48), 127
"""Points that a picture is looked at in, and the alpha up to which one counts as clear."""
POINTS = SAMPLE[0] * SAMPLE[1]
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
        it is too large, no picture, blank, or would print as a sliver or a speck
    """
    check_size(place, name, len(data))
    drawn = _drawn(data)
    kind, size = (SVG, _drawn_size(drawn)) if drawn is not None else _points(place, name, data)
    if size:
        _check_shape(place, size, drawn=drawn is not None)
    if drawn is None and _is_blank(_seen_colours(data)):
        raise InputError(
            f"{place} must show something; {name} is white or clear all over. Export the logo with "
            "its colours, or in white on a transparent ground."
        )
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


def is_pale(logo: str) -> bool:
    """Whether most of a logo (a data: URI, or empty) could not be seen on white.

    Such a logo is drawn for dark ground. One that brings its own ground is never pale; of a drawing
    only the colours are known that it names.
    """
    kind, _, data = logo.removeprefix("data:").partition(";base64,")
    if not data:
        return False
    content = b64decode(data)
    if kind == SVG:
        # How much it paints with each colour is not known, so all have to be pale.
        named = _named_colours(content)
        return 0 < _lost(named) == named.total()
    try:
        seen = _seen_colours(content)
    except (OSError, SyntaxError, ValueError):
        return False  # what it is, the browser says
    return seen.total() < POINTS and 2 * _lost(seen) > seen.total()


def _is_blank(seen: Counter[str]) -> bool:
    return not seen or seen.total() == _lost(seen) == POINTS


def _lost(colours: Counter[str]) -> int:
    """How many of some colours cannot be seen on white."""
    return sum(n for colour, n in colours.items() if contrast(colour, PAPER) < LEAST_CONTRAST)


def _named_colours(data: bytes) -> Counter[str]:
    """The colours that a drawing paints with, #rrggbb."""
    from PIL import ImageColor

    found: Counter[str] = Counter()
    for name in PAINT.findall(data.decode(errors="replace")):
        # `none`, `inherit` and the like are no colours.
        with suppress(ValueError):
            red, green, blue, *_ = ImageColor.getrgb(name)
            found[f"#{red:02x}{green:02x}{blue:02x}"] += 1
    return found


def _seen_colours(data: bytes) -> Counter[str]:
    """The colours of a picture, #rrggbb, in `POINTS` points less those that are clear."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=tuple(KINDS)) as image:
        small = np.asarray(image.convert("RGBA").resize(SAMPLE)).reshape(-1, 4)
    return Counter(
        f"#{red:02x}{green:02x}{blue:02x}"
        for red, green, blue, alpha in small.tolist()
        if alpha > CLEAR
    )
