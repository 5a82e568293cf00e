"""What changed since the version that the client has: inputs, headline figures, data, version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kolkit.assumptions import category_labels
from kolkit.currency import RMB, currency_of
from kolkit.inputs import Declared, Look, default_of, inputs_of
from kolkit.orders import OrderCounts
from kolkit.text.parts import Table, Tile
from kolkit.words import N_, Words

LANGUAGE_NAMES: Mapping[str, str] = {"en": N_("English"), "zh": N_("Chinese")}

HEADLINES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "plan": (
        ("profit_p50_cny", N_("Profit of the plan"), "CNY"),
        ("profit_p10_cny", N_("Profit of the plan, one in ten below"), "CNY"),
        ("loss_probability", N_("Chance of a loss"), "share"),
        ("unspent_cny", N_("Left unspent"), "CNY"),
    ),
    "tier_mix": (
        ("people_reached", N_("People reached"), "count"),
        ("collaborations", N_("Collaborations"), "count"),
        ("cpm_true_cny", N_("Cost per 1,000 views by people"), "CNY"),
        ("mix_profit_p50_cny", N_("Profit of the posts"), "CNY"),
    ),
    "private_pool": (
        ("pool_profit_p50_cny", N_("Profit of the pool"), "CNY"),
        ("pool_members", N_("Pool members at the end"), "count"),
        ("pool_pays_from_month", N_("Pool pays from"), "months"),
        ("pool_highest_cac_cny", N_("Most that a join may cost"), "CNY"),
    ),
    "livestream": (
        ("genuine_net_sales_cny", N_("Genuine net sales"), "CNY"),
        ("unexplained_share", N_("Unexplained share of reported sales"), "share"),
        ("offered_profit_p50_cny", N_("Profit as offered"), "CNY"),
        ("walk_away_fee_cny", N_("Walk-away fee as offered"), "CNY"),
    ),
}
"""Of each journey's `numbers`, those that a reader remembers; what they are called, their unit."""

CHAPTERS: Mapping[str, str] = {
    "tier_mix": N_("Tier mix alone"),
    "private_pool": N_("Private pool alone"),
    "livestream": N_("Livestream alone"),
}
"""What stands before a figure that is a chapter's and not the plan's."""

UNTOLD = frozenset({"orders_file"})


@dataclass(frozen=True)
class Changes:
    """Against which version, a table of inputs and one of figures (None: no row), and remarks."""

    lead: str
    inputs: Table | None
    figures: Table | None
    notes: tuple[str, ...]


def changes(
    t: Words,
    last_sent: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any],
    figures: Mapping[str, Mapping[str, float | None]],
    data: str,
    versions: Mapping[str, str],
    look: Mapping[str, Any] | None = None,
) -> Changes:
    """What differs from the manifest of the version that was sent, in words.

    Parameters
    ----------
    last_sent : the parts of that version's manifest that `manifest.COMPARED` and `TOLD` name
    parameters, figures, data, versions, look : the same parts of this version
    """
    lead = t(
        "Compared with the version of {day} ({hash}).",
        day=t.date(date.fromisoformat(last_sent["made_on"])),
        hash=last_sent["hash"],
    )
    if "version" in last_sent:
        # The hash at the foot is that of the numbers: versions in two languages share it.
        name = t("Its name is {version}.", version=last_sent["version"])
        lead = t.sentences(lead, name)
    inputs = _inputs(t, last_sent["parameters"], parameters)
    moved = _figures(t, last_sent["figures"], figures)
    looks = [*_looks(t, last_sent, parameters, look or {})]
    notes = [*looks, *_made_from(t, last_sent, data, versions)]
    if inputs and not moved:
        notes.insert(0, t("No headline figure moved."))
    if moved and not inputs:
        notes.insert(0, t("No input changed."))
    if looks and not (inputs or moved):
        notes.insert(len(looks), t("Inputs and headline figures are the same."))
    if not (inputs or moved or notes):
        notes = [t("Nothing changed: inputs, figures, data and version are the same.")]
    return Changes(lead, inputs, moved, tuple(notes))


def _inputs(t: Words, then: Mapping[str, Any], now: Mapping[str, Any]) -> Table | None:
    rows = [
        (t(field.title or name), _said(t, name, declared, before), _said(t, name, declared, after))
        for _, name, field, declared in inputs_of("plan")
        if name in now and name not in UNTOLD
        for before, after in [(then.get(name, default_of(field)), now[name])]
        if before != after
    ]
    if then.get("scenarios", []) != now.get("scenarios", []):
        rows.append((t("Scenarios beside it"), _scenarios(t, then), _scenarios(t, now)))
    if not rows:
        return None
    names, before, after = (list(column) for column in zip(*rows, strict=True))
    columns = {t("Input"): names, t("Before"): before, t("Now"): after}
    return Table(t("Inputs that changed"), columns)


def _scenarios(t: Words, parameters: Mapping[str, Any]) -> str:
    return t.join([s["name"] for s in parameters.get("scenarios", [])]) or t("none")


def _said(t: Words, name: str, declared: Declared, value: Any) -> str:
    if name == "category":
        return category_labels(t.language).get(value, str(value))
    if name == "orders_counted":
        paid = OrderCounts.from_dict(value).orders_paid if value else 0
        return t("{n} paid orders", n=t.number(paid)) if value else t("none")
    options = dict(declared.options)
    if isinstance(value, str) and value in options:
        return t(options[value])
    return t.value(value, declared.unit)


def _figures(
    t: Words,
    then: Mapping[str, Mapping[str, float | None]],
    now: Mapping[str, Mapping[str, float | None]],
) -> Table | None:
    rows = []
    whole = "plan" in now
    for journey in sorted(now, key=lambda name: name != "plan"):
        for name, label, unit in HEADLINES.get(journey, ()):
            if name not in then.get(journey, {}) or name not in now[journey]:
                continue
            before, after = (
                Tile(t(label), "", "", number=of[journey][name], unit=unit) for of in (then, now)
            )
            told = before.said(t, before.number), after.said(t, after.number)
            if told[0] != told[1]:
                # Beside a plan, a chapter's figures are those of spending all on it alone.
                alone = whole and journey != "plan"
                title = f"{t(CHAPTERS[journey])} · {t(label)}" if alone else t(label)
                rows.append((title, *told, after.moved(t, before)))
    if not rows:
        return None
    names, was, shown, by = (list(column) for column in zip(*rows, strict=True))
    columns = {t("Figure"): names, t("Before"): was, t("Now"): shown, t("Change"): by}
    return Table(t("Headline figures that moved"), columns)


def _looks(
    t: Words, last_sent: Mapping[str, Any], now: Mapping[str, Any], look: Mapping[str, Any]
) -> Iterator[str]:
    then = last_sent["parameters"]
    language, code, rate = (
        then.get(name, now.get(name)) for name in ("language", "currency", "cny_per_usd")
    )
    earlier = Words(t.language, currency_of(code, rate) if code else t.currency)
    if earlier.currency != t.currency:
        yield t.sentences(
            t(
                "The earlier version was in {before}, this one is in {now}.",
                before=earlier.currency_name,
                now=t.currency_name,
            )
            if earlier.currency.code != t.currency.code
            else t(
                "The earlier version counted {before} RMB to the dollar.",
                before=t.value(earlier.currency.cny, ""),
            ),
            t("Here its amounts are in {now} at today’s rate, too.", now=t.currency_name)
            if t.currency.code != RMB.code
            else t("Here its amounts are in {now}, too.", now=t.currency_name),
        )
    if language and language != now["language"]:
        yield t(
            "The earlier version was in {before}, this one is in {now}.",
            before=t(LANGUAGE_NAMES[language]),
            now=t(LANGUAGE_NAMES[now["language"]]),
        )
    before = last_sent.get("look") or {}
    changed = [
        t(field.title or name)
        for name, field in Look.model_fields.items()
        if name in before and name in look and before[name] != look[name]
        if name not in ("language", "currency")
    ]
    if changed:
        yield t("It also looks different: {names}.", names=t.join(changed))


def _made_from(
    t: Words, last_sent: Mapping[str, Any], data: str, versions: Mapping[str, str]
) -> Iterator[str]:
    if last_sent["data"] != data:
        yield t("The sourced assumptions have been revised since.")
    then = last_sent["versions"]
    changed = [name for name in versions if name in then and then[name] != versions[name]]
    if "kolkit" in changed:
        yield t(
            "The calculation has been revised since (version {before}, now {now}).",
            before=then["kolkit"],
            now=versions["kolkit"],
        )
    elif "code" in changed:
        yield t("The calculation has been revised since.")
    others = [f"{n} {versions[n]}" for n in changed if n not in ("kolkit", "code")]
    if others:
        yield t("Other versions of packages compute it now: {names}.", names=t.join(others))
