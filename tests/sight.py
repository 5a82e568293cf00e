"""Colours as eyes with another set of cones see them, and how far apart two of them are.

Simulation at full severity in linear RGB: Machado, Oliveira and Fernandes, "A physiologically-based
model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009. Distance: CIE 1976 L*a*b*,
D65. Contrast: WCAG 2.2, relative luminance.
"""

import numpy as np

EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}  # fmt: skip
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)


def seen(colour: str, eye: str) -> np.ndarray:
    """Linear RGB, 0-1, of `#rrggbb` as this eye sees it."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.clip(EYES[eye] @ linear, 0, 1)


def distance(one: str, other: str, eye: str) -> float:
    """How different two colours look to an eye; about 2.3 can just be told apart side by side.

    >>> round(distance("#ffffff", "#000000", "all cones"))
    100
    """
    return float(np.linalg.norm(_lab(seen(one, eye)) - _lab(seen(other, eye))))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast, 1 to 21.

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    low, high = sorted(0.05 + float(XYZ[1] @ seen(c, "all cones")) for c in (one, other))
    return high / low


def _lab(linear: np.ndarray) -> np.ndarray:
    ratio = XYZ @ linear / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
