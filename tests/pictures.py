"""Pictures of pages, compared part by part as a glance would compare them.

A page is its parts: head, answer, rail, every chart, each with its place. Another font or another
version of the browser wraps a line later and moves everything beneath it, so each part is compared
with the same part of the approved picture wherever that stands, and in blocks whose mean colour
hardly knows one letter from another. Seen is: a part that is missing or of another size, another
ground (a light page for a dark one), less or more ink (a chart that is not there), other colours in
other places (other bars).
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

APPROVED = Path(__file__).parent / "approved"
MOST_BYTES = 60_000
WIDE = 720
BLOCK = 8
COLOURS = 48
METHOD = Image.Quantize.MAXCOVERAGE  # rare colours count: they are the marks
HIGHER = 1.35
"""A part may be this much higher or lower: one line more in three."""
UNLIKE = 24.0
"""Difference of two blocks' means, of 255: a line of text in another font differs by 10 to 20."""
WORDS = (0.15, 0.55)
CHART = (0.08, 0.7)
"""Of words and of charts: the share of blocks that may differ, and how little ink may be left.

Other fonts change up to 13 % of the blocks of words and 21 % of their ink, 5 % and 8 % of a
chart's; a chart that is gone has no ink, one without its marks at most 28 % of it.
"""


@dataclass(frozen=True)
class Picture:
    """A page's picture, and its parts' boxes: left, top, width, height in its pixels."""

    image: Image.Image
    parts: dict[str, tuple[int, int, int, int]]

    def part(self, name: str) -> Image.Image:
        """One part, cut out as far as the picture shows it."""
        left, top, width, height = self.parts[name]
        return self.image.crop((left, top, left + width, top + height))


def small(png: bytes, boxes: dict[str, list[float]]) -> Picture:
    """A screenshot as it is kept: at most 720 pixels wide, few colours, parts that it shows."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    scale = min(1.0, WIDE / image.width)
    if scale < 1:
        size = (WIDE, round(image.height * scale))
        image = image.resize(size, Image.Resampling.BOX)
    parts = {}
    for name, (left, top, width, height) in boxes.items():
        box = tuple(round(scale * edge) for edge in (left, top, width, height))
        if box[1] + box[3] <= image.height and box[3] >= 2 * BLOCK:
            parts[name] = (box[0], box[1], min(box[2], image.width - box[0]), box[3])
    few = image.quantize(COLOURS, METHOD, dither=Image.Dither.NONE)
    return Picture(few.convert("RGB"), parts)


def approve(name: str, picture: Picture) -> None:
    """Keep a picture as the approved one, its parts' places within; in fewer colours if large."""
    told = PngInfo()
    told.add_text("parts", json.dumps(picture.parts))
    for colours in (COLOURS, 24, 12):
        packed = io.BytesIO()
        few = picture.image.quantize(colours, METHOD, dither=Image.Dither.NONE)
        few.save(packed, "PNG", optimize=True, pnginfo=told)
        if packed.tell() < MOST_BYTES:
            APPROVED.mkdir(exist_ok=True)
            (APPROVED / f"{name}.png").write_bytes(packed.getvalue())
            return
    raise AssertionError(f"{name} is larger than {MOST_BYTES:,} bytes")


def approved(name: str) -> Picture:
    """The picture that was looked at and found right."""
    with Image.open(APPROVED / f"{name}.png") as image:
        parts = {name: tuple(box) for name, box in json.loads(image.info["parts"]).items()}
        return Picture(image.convert("RGB"), parts)


def differences(picture: Picture, wanted: Picture) -> list[str]:
    """What a glance would say differs, a sentence for each part."""
    told = [f"{name} is missing" for name in wanted.parts.keys() - picture.parts.keys()]
    for name in wanted.parts.keys() & picture.parts.keys():
        strict = CHART if name.startswith("chart") else WORDS
        found = _unlike(picture.part(name), wanted.part(name), *strict)
        told += [f"{name}: {what}" for what in found]
    return sorted(told)


def _unlike(part: Image.Image, wanted: Image.Image, most: float, least: float) -> list[str]:
    told = []
    if not 1 / HIGHER <= part.height / wanted.height <= HIGHER:
        told.append(f"{part.height} pixels high for {wanted.height}")
    ours, theirs = (np.asarray(p, dtype=float) for p in (part, wanted))
    grounds = [np.median(pixels.reshape(-1, 3), axis=0) for pixels in (ours, theirs)]
    if np.abs(grounds[0] - grounds[1]).max() > UNLIKE:
        told.append(f"ground {grounds[0]} for {grounds[1]}")
    inks = [_ink(pixels, ground) for pixels, ground in zip((ours, theirs), grounds, strict=True)]
    if not least <= inks[0] / inks[1] <= 1 / least:
        told.append(f"{inks[0] / inks[1]:.0%} of the ink")
    size = (max(1, wanted.width // BLOCK), max(1, wanted.height // BLOCK))
    ones, others = (
        np.asarray(p.resize(size, Image.Resampling.BOX), dtype=float) for p in (part, wanted)
    )
    # Both ways: what is gone and what is new.
    gap = np.maximum(_nearest(ones, others), _nearest(others, ones))
    share = float((gap > UNLIKE).mean())
    if share > most:
        told.append(f"{share:.0%} of it looks different")
    return told


def _ink(pixels: np.ndarray, ground: np.ndarray) -> float:
    """How much of a part is not its ground, by how much it differs."""
    return float(np.abs(pixels - ground).mean()) + 0.01


def _nearest(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each block the smallest difference to a block of the other beside its place."""
    padded = np.pad(others, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width, _ = ones.shape
    gaps = [
        np.abs(ones - padded[y : y + height, x : x + width]).max(axis=2)
        for y in range(3)
        for x in range(3)
    ]
    return np.minimum.reduce(gaps)
