"""Whether a report's two colours can be read where they are used.

Ink is text on white paper and the ground of the cover; accent is small headings on white and the
cover's rule. Contrast is WCAG 2.2's, from 1 (the same) to 21.
"""

from collections.abc import Callable, Iterator, Mapping

from kolkit.inputs import Look

PAPER = "#ffffff"
COVER_TEXT = "#cfd4dc"
"""The paler of the two texts on the cover, as the style sheet has it."""
USES: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "ink": (
        ("white paper", PAPER, 4.5),
        ("the pale text on the cover", COVER_TEXT, 4.5),
    ),
    "accent": (
        ("white paper", PAPER, 3.0),
        ("the ink of the cover", "", 1.5),
    ),
}
"""What each colour meets, that colour (empty: the look's ink), and the least contrast: text needs
4.5, headings and marks 3; the rule on the cover is an ornament that has to be seen at all."""
STEPS = 100


def contrast(one: str, other: str) -> float:
    """Contrast of two colours written #rrggbb, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in (part / 255 for part in _parts(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(look: Look, name: str, colour: str) -> bool:
    return all(contrast(colour, other or look.ink) >= least for _, other, least in USES[name])


def _suggested(look: Look, name: str, colour: str) -> str:
    """The nearest darker shade that can be read, else the nearest lighter one; empty for none."""
    for target in (0, 255):
        for step in range(1, STEPS + 1):
            mixed = [round(x + (target - x) * step / STEPS) for x in _parts(colour)]
            told = "#" + "".join(f"{x:02x}" for x in mixed)
            mended = look.model_copy(update={name: told})
            if all(_readable(mended, use, getattr(mended, use)) for use in USES):
                return told
    return ""


def unreadable(look: Look, place: Callable[[str], str]) -> Iterator[str]:
    """A sentence for each colour of a look that cannot be read.

    Parameters
    ----------
    look : as the report wears it, a theme's included
    place : says where `ink` or `accent` is set, to begin a sentence with
    """
    for name, uses in USES.items():
        colour = getattr(look, name)
        met = [(what, contrast(colour, other or look.ink), least) for what, other, least in uses]
        short = [(what, found, least) for what, found, least in met if found < least]
        if short:
            what, found, least = short[0]
            other = _suggested(look, name, colour)
            yield (
                f"{place(name)} must have a contrast of {least:g} or more with {what}; {colour} "
                f"has {found:.2f}. " + (f"Try {other}." if other else "Choose another.")
            )
            # What stands against a refused ink is judged once the ink is mended.
            return
