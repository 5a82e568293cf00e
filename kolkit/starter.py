"""Writes a brief to start from, every line derived from the declarations."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from kolkit.errors import EnvironmentFault, InputError
from kolkit.identity import folder_name
from kolkit.inputs import SECTIONS, Brand, Brief, Section, default_of
from kolkit.messages import refusal
from kolkit.parameters import comment_of

SCENARIOS = (
    "# Up to three other scenarios, each this brief with some inputs changed, in a chapter:",
    "# scenarios:",
    "#   - name: Half the budget",
    "#     brand: {budget_cny: 1000000}",
)


def _scalar(value: object) -> str:
    told = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    return told.splitlines()[0]


def _section(model: type[Section], chosen: dict[str, str]) -> list[str]:
    lines = [f"{model.name}:"]
    for name, field, declared in model.declared():
        if name == "orders_counted":
            continue
        value = chosen.get(name, default_of(field))
        # Lines begin as comments: an untouched brief takes the sourced defaults.
        mark = "" if name in chosen else "# "
        told = "" if value is None else _scalar(value)
        lines.append(f"  {mark}{name}: {told}".rstrip() + f"  # {comment_of(field, declared)}")
    return lines


def write_starter(client: str, scenario: str, category: str, folder: Path) -> Path:
    """Write `<client>-<scenario>.yaml` into `folder`; never over an existing file.

    Raises
    ------
    InputError
        for a name or category that a brief would refuse, or a file that exists
    EnvironmentFault
        where the folder cannot be written
    """
    try:
        Brief(client=client, scenario=scenario, brand=Brand(category=category))
    except ValidationError as error:
        section = "brand" if str(error.title) == "Brand" else ""
        raise refusal(error, section=section) from None
    lines = [
        "# A brief: one client and scenario. Remove the # before a line to change a default;",
        "# `kolkit check` prints what is in force and where it comes from.",
        f"client: {_scalar(client)}",
        f"scenario: {_scalar(scenario)}",
    ]
    for model in SECTIONS.values():
        lines += ["", *_section(model, {"category": category} if model is Brand else {})]
    lines += ["", *SCENARIOS]
    path = folder / f"{folder_name(client)}-{folder_name(scenario)}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
    except FileExistsError:
        raise InputError(f"{path} exists already: open it, or give another --scenario.") from None
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written ({error.strerror}).") from None
    return path
