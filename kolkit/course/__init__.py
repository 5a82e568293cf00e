"""Exercises: declared once, an own variant for each trainee, answered in a notebook, marked again.

A new exercise is a module here with an `EXERCISE`, its name in `EXERCISES`, and a notebook of six
cells. `exercise(globals(), "ex01")` is the one call of that notebook.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kolkit.course.exercise import Exercise
from kolkit.errors import InputError

if TYPE_CHECKING:
    from kolkit.course.sheet import ExerciseSheet

EXERCISES = {"ex01": "course/ex01_tiers_and_engagement"}
"""Every exercise and its notebook under `workbooks/`, without the ending."""

PARAMETERS: dict[str, Any] = {"trainee": "", "class_key": "", "language": "en"}
"""Parameters of every exercise's notebook."""


def declared(key: str) -> Exercise:
    """The declaration of an exercise; raises `InputError` for a name that is none."""
    if key not in EXERCISES:
        raise InputError(f"exercise must be one of {', '.join(EXERCISES)}; got {key[:40]}.")
    found: Exercise = import_module(f"kolkit.course.{key}").EXERCISE
    return found


def parameters_cell() -> str:
    """Source of the cell tagged `parameters` in an exercise's notebook."""
    return "\n".join(f"{name}: str = {default!r}" for name, default in PARAMETERS.items())


def exercise(namespace: Mapping[str, Any], key: str) -> "ExerciseSheet":
    """Open an exercise on a notebook's namespace: `sheet = exercise(globals(), "ex01")`.

    A refused parameter is shown as a sentence before it stops the notebook: pages hide errors.
    """
    from kolkit.course.sheet import ExerciseSheet, told_in_page

    with told_in_page():
        return ExerciseSheet(declared(key), given_parameters(namespace))


def given_parameters(namespace: Mapping[str, Any]) -> dict[str, str]:
    """The three parameters from a notebook's namespace, checked.

    Raises
    ------
    InputError
        a parameter is no text, only one of trainee and class key is given, or a plain value has a
        name that is no parameter: with papermill, a mistyped `-p`
    """
    skipped = {"In", "Out", "exit", "quit", "open", "get_ipython"}
    plain = (bool, int, float, str, list, dict, tuple, type(None))
    for name, value in namespace.items():
        known = name in PARAMETERS or name in skipped or name.startswith("_")
        if not known and isinstance(value, plain):
            raise InputError(
                f"{name} is not a parameter of an exercise. Known: {', '.join(PARAMETERS)}."
            )
    given = {name: namespace.get(name, default) for name, default in PARAMETERS.items()}
    for name, value in given.items():
        if not isinstance(value, str):
            raise InputError(f"{name} must be text; got {value!r:.60}. Put it in quotes.")
    if bool(given["trainee"].strip()) != bool(given["class_key"].strip()):
        raise InputError("trainee and class_key go together: give both or none.")
    return given
