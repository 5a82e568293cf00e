"""What it takes to look after a pool: groups, accounts, people, and what runs out first.

Conventions: members, groups, accounts and people are counts; needs are whole numbers, rounded up
once at the end; every argument is a number or an array.

- `groups_needed`, `accounts_needed`, `staff_needed`, `groups_renewed`: needs of a pool
- `minimum_cut`, `bottleneck`: what limits the members that a set-up can carry
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kolkit.errors import InputError

Array = NDArray[np.float64]

STAGES = ("accounts", "groups", "staff")
"""What a member passes through after joining, in order."""

_ROUNDING = 1e-9  # 13,000 members over 260 seats are 50 groups, not 51


@dataclass(frozen=True)
class Cut:
    """The most that flows through a network, and the edges that limit it."""

    value: int
    edges: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Bottleneck:
    """What limits a pool at one date.

    `stage` is "joins" or one of accounts, groups, staff; `members` how many are carried;
    `carries` how many each stage could carry (None: as many as needed); `channels` the members
    that each channel brings by then.
    """

    stage: str
    members: int
    channels: Mapping[str, int]
    carries: Mapping[str, int | None]


def _at_least_zero(**values: ArrayLike) -> None:
    for name, value in values.items():
        if np.any(~(np.asarray(value, float) >= 0)):
            raise InputError(f"{name} must be 0 or more; got {np.min(value):g}. Correct it.")


def _above_zero(**values: ArrayLike) -> None:
    for name, value in values.items():
        if np.any(~(np.asarray(value, float) > 0)):
            raise InputError(f"{name} must be above 0; got {np.min(value):g}. Correct it.")


def _up(value: ArrayLike) -> Array:
    return np.maximum(np.ceil(np.asarray(value, float) - _ROUNDING), 0.0)


def groups_needed(members: ArrayLike, *, group_size: ArrayLike, fill: ArrayLike) -> Array:
    """Groups that hold the members, whole.

    Parameters
    ----------
    members : people in the pool
    group_size : most people in one group
    fill : share of the seats taken on average, above 0 to 1

    Examples
    --------
    A supermarket chain's 130,000 members at 52 % fill sit in 500 groups.

    >>> float(groups_needed(130_000, group_size=500, fill=0.52))
    500.0
    """
    _at_least_zero(members=members)
    _above_zero(group_size=group_size, fill=fill)
    return _up(np.asarray(members, float) / (np.asarray(group_size) * np.asarray(fill)))


def accounts_needed(members: ArrayLike, *, account_size: ArrayLike) -> Array:
    """Brand accounts that hold the members as contacts, whole.

    Examples
    --------
    >>> float(accounts_needed(130_000, account_size=20_000))
    7.0
    """
    _at_least_zero(members=members)
    _above_zero(account_size=account_size)
    return _up(np.asarray(members, float) / np.asarray(account_size))


def staff_needed(
    members: ArrayLike,
    *,
    groups: ArrayLike,
    members_per_staff: ArrayLike,
    groups_per_staff: ArrayLike,
    shift_factor: ArrayLike,
) -> Array:
    """People who look after the members and their groups, whole.

    Parameters
    ----------
    members, groups : to be looked after
    members_per_staff, groups_per_staff : what one person on duty manages
    shift_factor : people employed per person on duty, 1 or more

    Notes
    -----
    ceil(max(members / members_per_staff, groups / groups_per_staff) * shift_factor): rounded once.

    Examples
    --------
    A practitioner's rule: a million users in groups of 200 take 150 people with shifts.

    >>> float(staff_needed(1_000_000, groups=5_000, members_per_staff=10_000,
    ...                    groups_per_staff=50, shift_factor=1.5))
    150.0
    """
    _at_least_zero(members=members, groups=groups)
    _above_zero(
        members_per_staff=members_per_staff,
        groups_per_staff=groups_per_staff,
        shift_factor=shift_factor,
    )
    load = np.maximum(
        np.asarray(members, float) / np.asarray(members_per_staff),
        np.asarray(groups, float) / np.asarray(groups_per_staff),
    )
    return _up(load * np.asarray(shift_factor))


def groups_renewed(groups: ArrayLike, *, half_life_months: ArrayLike) -> Array:
    """Groups that go quiet and are set up again, per month (an expectation, not rounded).

    Notes
    -----
    groups * (1 - 2^(-1 / half-life)).

    Examples
    --------
    >>> round(float(groups_renewed(50, half_life_months=6)), 1)
    5.5
    """
    _at_least_zero(groups=groups)
    _above_zero(half_life_months=half_life_months)
    lost = 1 - 2.0 ** (-1 / np.asarray(half_life_months, float))
    return np.asarray(np.asarray(groups, float) * lost)


def minimum_cut(capacities: Mapping[tuple[str, str], int | None], *, source: str, sink: str) -> Cut:
    """The largest flow from source to sink and the cut that limits it.

    Parameters
    ----------
    capacities : whole capacity of each edge (from, to); None: unlimited

    Notes
    -----
    Of several equally tight cuts it is the one nearest to the sink.

    Examples
    --------
    >>> pipe = {("in", "a"): 5, ("a", "b"): 3, ("b", "out"): 9}
    >>> cut = minimum_cut(pipe, source="in", sink="out")
    >>> cut.value, sorted(cut.edges)
    (3, [('a', 'b')])
    """
    import networkx as nx  # a quarter of a second that only this answer needs

    graph = nx.DiGraph()
    for (start, end), capacity in capacities.items():
        if capacity is None:
            graph.add_edge(start, end)
            continue
        if capacity < 0:
            raise InputError(f"{start} to {end} must carry 0 or more; got {capacity}. Correct it.")
        graph.add_edge(start, end, capacity=int(capacity))
    value, (near, _) = nx.minimum_cut(graph, source, sink)
    edges = frozenset((a, b) for a, b in graph.edges if a in near and b not in near)
    return Cut(int(value), edges)


def bottleneck(*, channels: Mapping[str, int], carries: Mapping[str, int | None]) -> Bottleneck:
    """What limits a pool: the joins, or one of accounts, groups and staff.

    Parameters
    ----------
    channels : members that each channel has brought and kept by the date, whole
    carries : members that `accounts`, `groups` and `staff` can hold, whole; None: as needed

    Examples
    --------
    Twelve thousand would stay, but two people look after no more than ten thousand.

    >>> limit = bottleneck(channels={"card": 9_000, "store": 3_000},
    ...                    carries={"accounts": 20_000, "groups": None, "staff": 10_000})
    >>> limit.stage, limit.members
    ('staff', 10000)
    """
    edges: dict[tuple[str, str], int | None] = {}
    for name, people in channels.items():
        edges[("people", f"by {name}")] = people
        edges[(f"by {name}", STAGES[0])] = None
    # A stage's own capacity sits between its entrance and its exit.
    for stage, following in zip(STAGES, (*STAGES[1:], "pool"), strict=True):
        edges[(stage, f"{stage} out")] = carries[stage]
        edges[(f"{stage} out", following)] = None
    # Keeps both ends in the network where no channel brings anybody.
    edges[("people", STAGES[0])] = 0
    cut = minimum_cut(edges, source="people", sink="pool")
    limiting = next((s for s in STAGES if (s, f"{s} out") in cut.edges), "joins")
    return Bottleneck(limiting, cut.value, dict(channels), dict(carries))
