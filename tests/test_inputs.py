"""One declaration gives messages, parameters cell, schema, knobs and ledger."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from pydantic import ValidationError

from kolkit import controls
from kolkit.assumptions import assumptions, category_return_rates, sources
from kolkit.books import BOOKS
from kolkit.errors import InputError
from kolkit.inputs import JOURNEYS, SECTIONS, Brand, Brief, Livestream, default_of
from kolkit.journeys.livestream import run
from kolkit.messages import refusal
from kolkit.parameters import parameters_cell
from kolkit.text import ledger
from kolkit.words import Words
from kolkit.workbook import given_parameters, parameters, start

ROOT = Path(__file__).resolve().parents[1]


READ_BY_ROW = {"market", "vendor", "tier", "cell"}


def told(section: str, **values: object) -> str:
    """The message that a section's values are refused with."""
    with pytest.raises(ValidationError) as caught:
        SECTIONS[section].model_validate(values)
    return str(refusal(caught.value, section=section))


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        ("livestream", {"commission_rate": 20},
         "livestream.commission_rate must be a share between 0 and 1; got 20. Did you mean 0.20?"),
        ("livestream", {"commission_rate": "20%"}, "Did you mean 0.20?"),
        ("livestream", {"commission_rate": float("nan")}, "got NaN"),
        ("livestream", {"slot_fee_cny": float("inf")}, "got Infinity"),
        ("livestream", {"slot_fee_cny": "45万"}, "Did you mean 450000?"),
        ("livestream", {"slot_fee_cny": "450,000"}, "Did you mean 450000?"),
        ("livestream", {"slot_fee_cny": True}, "must be an amount in RMB"),
        ("livestream", {"comission_rate": 0.2},
         "livestream.comission_rate is not an input. Did you mean commission_rate?"),
        ("livestream", {"shortfall": "prorata"}, "one of pro_rata, cliff, none"),
        ("brand", {"budget_cny": -5}, "between 0 and 10,000,000,000; got -5. Did you mean 5?"),
        ("brand", {"commission_rate": 0.2}, "It belongs under livestream:."),
        ("brand", {"category": "beuty"}, "Did you mean beauty?"),
        ("report", {"ink": "red"}, "a colour such as #1c2330; got red"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_is_allowed_what_was_given_and_the_repair(section, values, message):
    assert message in told(section, **values)


def test_several_mistakes_are_said_one_a_line():
    text = told("livestream", commission_rate=20, slot_fee_cny=-1)
    assert len(text.splitlines()) == 2


def test_every_default_is_allowed_and_inside_its_slider():
    for models in JOURNEYS.values():
        for model in models:
            model()
            for name, field, declared in model.declared():
                value = default_of(field)
                if declared.knob and declared.knob.slider and value is not None:
                    low, high, step = declared.knob.slider
                    assert low <= value <= high, name
                    assert step > 0


def test_every_assumption_key_exists_and_every_row_is_used():
    used = {
        declared.source
        for models in JOURNEYS.values()
        for model in models
        for _, _, declared in model.declared()
        if declared.source
    }
    # Tables of tiers and cells are read row by row; market and vendor figures are for reading.
    tables = {key for key in assumptions() if key.split(".")[0] in READ_BY_ROW}
    assert used - {"category"} <= assumptions().keys()
    assert assumptions().keys() - used - tables == {"livestream.market_guarantee_to_fee"}


def test_names_are_unique_over_all_sections():
    names = [name for model in SECTIONS.values() for name in model.model_fields]
    assert sorted(names) == sorted(set(names))


def test_a_drawn_input_has_a_sourced_range():
    rates = category_return_rates().values()
    assert all(rate.low <= rate.value <= rate.high for rate in rates)
    for models in JOURNEYS.values():
        for model in models:
            for name, _, declared in model.declared():
                if declared.drawn and declared.source != "category":
                    known = assumptions()[declared.source]
                    assert known.low < known.value < known.high or name == "self_return_rate"


def test_parameters_cell_is_flat_typed_and_equals_the_declaration():
    source = parameters_cell("livestream")
    module = ast.parse(source)
    assert all(isinstance(node, ast.AnnAssign) for node in module.body)
    assert "|" not in source
    assert all("=" not in line.partition("#")[2] for line in source.splitlines())
    namespace: dict[str, object] = {}
    exec(source, namespace)
    wanted = parameters("livestream")
    assert {name: namespace[name] for name in wanted} == wanted


def test_notebooks_and_schema_are_in_step_with_the_declarations():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_notebooks.py", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_papermill_finds_every_parameter():
    from papermill.inspection import inspect_notebook

    found = inspect_notebook(str(ROOT / "workbooks" / "04_livestream.ipynb"))
    assert set(found) == set(parameters("livestream"))


def test_notebooks_carry_no_outputs_and_no_code_of_their_own():
    for path in (ROOT / "workbooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert cell.outputs == []
                assert not {"def ", "class "} & set(cell.source.split())
                if "parameters" not in cell.metadata.get("tags", []):
                    assert len(cell.source.splitlines()) <= 8


def test_schema_says_what_the_sections_allow():
    schema = json.loads((ROOT / "data" / "brief.schema.json").read_text("utf-8"))
    assert schema == Brief.model_json_schema()
    commission = schema["$defs"]["Livestream"]["properties"]["commission_rate"]
    assert (commission["minimum"], commission["maximum"]) == (0, 1)
    assert schema["$defs"]["Livestream"]["additionalProperties"] is False


def case():
    return run(
        Brief(
            client="Ada", brand=Brand(gross_margin=0.6), livestream=Livestream(commission_rate=0.25)
        )
    )


def test_knobs_carry_the_declared_range_unit_and_limits():
    facts = case().facts.by_name
    groups = controls.rail(Words("en"), facts.values(), BOOKS["livestream"].groups)
    knobs = {knob["name"]: knob for group in groups for knob in group["knobs"]}
    fee = knobs["slot_fee_cny"]
    assert (fee["min"], fee["max"], fee["step"]) == (0, 3_000_000, 10_000)
    assert (fee["low"], fee["high"], fee["unit"]) == (0, 1e9, "¥")
    assert knobs["commission_rate"]["scale"] == 100
    assert [o[0] for o in knobs["shortfall"]["options"]] == ["pro_rata", "cliff", "none"]


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS)
def test_at_most_twelve_knobs_show_at_once(book):
    facts = book.run(Brief(client="Ada"), None).facts.by_name.values()
    groups = controls.rail(Words("en"), facts, book.groups)
    visible = [knob for group in groups if not group["folded"] for knob in group["knobs"]]
    assert 2 <= len(visible) <= 12


def test_notes_tell_the_grade_of_a_default_and_the_client_of_a_change():
    notes = controls.notes(Words("en"), case().facts.by_name.values())
    assert notes["self_return_rate"]["text"].startswith("U · 85–100")
    assert notes["commission_rate"] == {"text": "client’s figure", "tone": "client"}


def test_ledger_marks_what_changed_and_counts_what_is_unsourced():
    facts = case().facts.by_name.values()
    rows = {row.name: row for row in ledger.rows(Words("en"), facts)}
    assert rows["livestream.commission_rate"].changed
    assert not rows["livestream.slot_fee_cny"].changed
    assert rows["livestream.slot_fee_cny"].source == "TechNode"
    assert rows["livestream.slot_fee_cny"].grade == "C"
    unsourced, total = ledger.unsourced(facts)
    assert unsourced == sum(row.grade == "U" for row in rows.values())
    assert total == len(rows)


def test_every_assumption_names_a_known_source_and_grade():
    for known in [*assumptions().values(), *category_return_rates().values()]:
        assert known.source.key in sources()
        assert known.grade in "ABCU"
        assert (known.grade == "U") == (known.source.key == "kolkit")


def test_a_notebook_refuses_names_that_no_input_declares():
    known = parameters("livestream")
    namespace = {"commission_rte": 0.25, "__name__": "x", "In": [], "Path": Path}
    with pytest.raises(
        InputError, match=r"not an input of this workbook\. Did you mean commission_rate"
    ):
        given_parameters(namespace, known)


def test_a_notebook_refuses_20_for_020_like_the_command_line():
    with pytest.raises(InputError, match=r"got 20\. Did you mean 0\.20\?"):
        start({"commission_rate": 20}, journey="livestream")


def test_a_workbook_opens_again_on_its_own_namespace():
    namespace: dict[str, object] = dict(parameters("livestream"))
    namespace["book"] = start(namespace, journey="livestream")
    assert start(namespace, journey="livestream").hash == namespace["book"].hash


def test_numeric_core_imports_no_plotting_widgets_or_papermill():
    code = (
        "import sys, kolkit.journeys.plan, kolkit.inputs, kolkit.text.half_page;"
        "bad = {'plotly', 'ipywidgets', 'papermill', 'IPython', 'playwright'} & set(sys.modules);"
        "sys.exit(repr(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
