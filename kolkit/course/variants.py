"""Each trainee's own numbers, the same on every machine and at every visit.

Exercise, class key and name, both in normal form, are hashed (BLAKE2b) into the seed of a numpy
Generator. A draw in which a misconception would hit the truth, or two misconceptions the same
value, is drawn again with the next seed, which is as repeatable as the first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kolkit.course.exercise import Exercise
from kolkit.course.questions import OrderQuestion
from kolkit.course.reading import same_person

REDRAWS = 500


@dataclass(frozen=True)
class Variant:
    """A trainee's numbers by parameter, and by question the order in which entries are shown."""

    values: Mapping[str, float]
    shown: Mapping[str, tuple[str, ...]]


def seed_of(exercise: Exercise, class_key: str, trainee: str, turn: int = 0) -> int:
    """Seed of a trainee's draw, 128 bits; spelling variants of a name give the same."""
    identity = [exercise.key, same_person(class_key), same_person(trainee), str(turn)]
    text = "".join(f"{len(part)}:{part}" for part in identity)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def variant_of(exercise: Exercise, class_key: str, trainee: str) -> Variant:
    """The trainee's variant of an exercise.

    Raises
    ------
    InputError
        name or class key is empty or too long
    RuntimeError
        the declaration hardly ever gives a fair draw: a defect of the exercise
    """
    for turn in range(REDRAWS):
        rng = np.random.default_rng(seed_of(exercise, class_key, trainee, turn))
        values = {p.name: p.at(float(rng.random())) for p in exercise.parameters}
        if not exercise.makes_sense(values):
            continue
        if all(question.is_fair(values) for question in exercise.questions):
            return Variant(values, _shown(exercise, values, rng))
    raise RuntimeError(f"{exercise.key}: no fair variant in {REDRAWS} draws")


def _shown(
    exercise: Exercise, values: Mapping[str, float], rng: np.random.Generator
) -> dict[str, tuple[str, ...]]:
    shown = {}
    for question in exercise.questions:
        keys = sorted(key for key, _ in question.entries())
        mixed = tuple(sorted(keys, key=lambda key: float(rng.random())))
        if isinstance(question, OrderQuestion) and mixed == question.truth(values):
            mixed = mixed[::-1]
        shown[question.key] = mixed
    return shown
