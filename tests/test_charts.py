"""Figures draw what the result says, in properties plotly knows."""

import itertools

import plotly.graph_objects as go
import pytest

from kolkit.books import BOOKS
from kolkit.charts.sankey import Band, sankey
from kolkit.inputs import Brief, Livestream, Plan
from kolkit.journeys.livestream import run
from kolkit.words import Words

FIGURES = BOOKS["livestream"].figures

CASES = {
    "default": run(Brief(client="Ada")),
    "nothing unexplained": run(
        Brief(client="Ada", livestream=Livestream(return_rate_observed=0.1))
    ),
    "all own orders": run(Brief(client="Ada", livestream=Livestream(return_rate_observed=1.0))),
    "no fee": run(
        Brief(client="Ada", livestream=Livestream(slot_fee_cny=0.0, commission_base="net"))
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_property_is_one_that_plotly_knows(name, case, language):
    figure = FIGURES[name].draw(Words(language), case).to_plotly_json()
    assert go.Figure(figure).to_plotly_json()["data"]
    words = FIGURES[name].tell(Words(language), case)
    assert words.title
    assert words.table.rows()


PLANS = {
    "default": {},
    "only the livestream": {"include_tier_mix": False, "include_private_pool": False},
    "without the livestream": {"include_livestream": False},
    "nothing": {"sessions_cap": 0, "include_tier_mix": False, "include_private_pool": False},
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("journey", ["start", "plan"])
def test_start_and_plan_draw_with_properties_that_plotly_knows(journey, name, language):
    book, t = BOOKS[journey], Words(language)
    case = book.run(Brief(client="Ada", plan=Plan(**PLANS[name])), None)
    for figure in book.figures.values():
        drawn = figure.draw(t, case).to_plotly_json()
        assert go.Figure(drawn).to_plotly_json()["layout"]["height"] > 60
        assert figure.tell(t, case).title


def test_bands_of_the_flow_are_as_high_as_their_amounts_and_leave_their_places():
    case = BOOKS["plan"].run(Brief(client="Ada"), None)
    figure = BOOKS["plan"].figures["flow"].draw(Words("en"), case).to_plotly_json()
    assert len(figure["data"]) == len(case.flows)
    for band, flow in zip(figure["data"], case.flows, strict=True):
        half = len(band["x"]) // 2
        assert band["y"][0] - band["y"][-1] == pytest.approx(flow.amount)
        assert band["y"][half - 1] - band["y"][half] == pytest.approx(flow.amount)
    tops = {shape["x0"]: [] for shape in figure["layout"]["shapes"]}
    for shape in figure["layout"]["shapes"]:
        tops[shape["x0"]].append((shape["y1"], shape["y0"]))
    for column in tops.values():
        assert all(a[1] > b[0] for a, b in itertools.pairwise(column)), "places overlap"


def test_the_tornado_runs_from_one_end_to_the_other():
    case = BOOKS["plan"].run(Brief(client="Ada"), None)
    figure = BOOKS["plan"].figures["drivers"].draw(Words("en"), case).to_plotly_json()
    widest = max(case.drivers, key=lambda d: d.swing)
    low, high = (trace["base"][0] + trace["x"][0] for trace in figure["data"])
    assert (low, high) == pytest.approx((widest.profit_at_low, widest.profit_at_high))


def test_the_bar_adds_up_to_reported_sales():
    figure = FIGURES["decomposition"].draw(Words("en"), CASES["default"]).to_plotly_json()
    assert sum(trace["x"][0] for trace in figure["data"]) == pytest.approx(5_000_000)
    ends = [trace["base"][0] + trace["x"][0] for trace in figure["data"]]
    assert ends == sorted(ends)


def test_the_curve_passes_through_the_marked_point():
    case = CASES["default"]
    line, mark = FIGURES["base_rate"].draw(Words("en"), case).to_plotly_json()["data"]
    assert mark["x"] == [case.facts["base_return_rate"]]
    assert mark["y"] == [case.share]
    near = min(range(len(line["x"])), key=lambda i: abs(line["x"][i] - mark["x"][0]))
    assert line["y"][near] == pytest.approx(mark["y"][0], abs=0.02)
    assert all(a >= b for a, b in zip(line["y"], line["y"][1:], strict=False))


def test_bars_of_contracts_are_the_medians_and_tempting_ones_are_hatched():
    case = CASES["default"]
    bars, ticks = FIGURES["contracts"].draw(Words("en"), case).to_plotly_json()["data"]
    shown = case.options[: len(bars["x"])]
    assert bars["x"] == [option.interval.p50 for option in shown]
    assert ticks["x"] == [option.interval.p10 for option in shown]
    hatched = [shape == "/" for shape in bars["marker"]["pattern"]["shape"]]
    assert hatched == [option.incentive.rewards_self_purchasing for option in shown]


def test_the_waterfall_ends_at_the_profit():
    case = CASES["default"]
    (bars,) = FIGURES["waterfall"].draw(Words("en"), case).to_plotly_json()["data"]
    assert sum(bars["x"][:-1]) == pytest.approx(bars["x"][-1])
    assert bars["x"][-1] == pytest.approx(float(case.lines.profit))
    assert bars["base"][1] == pytest.approx(bars["x"][0])


def test_labels_of_thin_flows_do_not_run_into_each_other():
    columns = ("abcdef", "mno", "rstu")
    thin = [Band(source, "n" if source < "d" else "o", 0.4) for source in "bcdef"]
    out = [Band("m", "r", 60.0), Band("m", "u", 40.0), Band("n", "s", 0.8), Band("o", "t", 1.2)]
    names = {key: key for column in columns for key in column}
    drawn = sankey(columns, [Band("a", "m", 100.0), *thin, *out], names=names,
                   colours=dict.fromkeys(names, "#000000"), told=str, height=330)  # fmt: skip
    low, high = drawn.layout.yaxis.range
    for side, least in (("left", 32), ("right", 32), ("center", 16)):
        ys = [note.y for note in drawn.layout.annotations if note.xanchor == side]
        gaps = [(a - b) / (high - low) * 314 for a, b in itertools.pairwise(ys)]
        assert min(gaps) >= least, side
