"""What an influencer collaboration really costs, and what a thousand views or one reaction cost.

Conventions: money is RMB per collaboration, hours are working hours, shares are 0-1, and every
argument is a number or an array. *Naive* figures take the quoted price and all followers; *true*
figures add labour, outreach and product, and count views by people only. Engagement rates are
measured on all followers, so engagements are never multiplied by the authentic share again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StageHours:
    """Hours of the five stages of labour.

    `find`, `assess`, `match` and `contact` are per *contacted* account, `manage` per collaboration.
    """

    find: ArrayLike
    assess: ArrayLike
    match: ArrayLike
    contact: ArrayLike
    manage: ArrayLike


@dataclass(frozen=True)
class TrueCost:
    """Cost of one collaboration, RMB; the parts add up to `total`."""

    price: Array
    labour: Array
    outreach: Array
    product: Array

    @property
    def total(self) -> Array:
        return self.price + self.labour + self.outreach + self.product


def _positive(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, float)
    if not np.all(array > 0):
        raise ValueError(f"{name} must be above 0; got {array}. Leave the account out instead.")
    return array


def _not_negative(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, float)
    if not np.all(array >= 0):
        raise ValueError(f"{name} must be 0 or more; got {array}.")
    return array


def _share(name: str, value: ArrayLike) -> Array:
    array = np.asarray(value, float)
    if not np.all((array >= 0) & (array <= 1)):
        raise ValueError(f"{name} must be a share between 0 and 1; got {array}.")
    return array


def labour_hours(
    stages: StageHours, *, contacts_per_collaboration: ArrayLike, automation_share: ArrayLike = 0.0
) -> Array:
    """Hours that one collaboration takes, the accounts contacted in vain included.

    Parameters
    ----------
    stages : hours of each stage
    contacts_per_collaboration : accounts contacted for one that collaborates, at least 1
    automation_share : share (0-1) of finding, assessing, matching and contacting that tools take
        over; looking after a collaboration stays with people

    Notes
    -----
    h = (find + assess + match + contact) (1 - automation) contacts + manage.

    Examples
    --------
    Half an hour on each of ten contacts and three hours with the one who agrees:

    >>> float(labour_hours(StageHours(.1, .15, .05, .2, 3.0), contacts_per_collaboration=10))
    8.0
    """
    contacts = np.asarray(contacts_per_collaboration, float)
    if not np.all(contacts >= 1):
        raise ValueError(f"contacts_per_collaboration must be 1 or more; got {contacts}.")
    by_hand = 1 - _share("automation_share", automation_share)
    per_contact = sum(
        _not_negative(f"hours to {name}", getattr(stages, name))
        for name in ("find", "assess", "match", "contact")
    )
    return per_contact * by_hand * contacts + _not_negative("hours to manage", stages.manage)


def true_cost(
    *,
    price_cny: ArrayLike,
    hours: ArrayLike,
    wage_cny_per_hour: ArrayLike,
    contacts_per_collaboration: ArrayLike = 1.0,
    cost_per_contact_cny: ArrayLike = 0.0,
    product_cost_cny: ArrayLike = 0.0,
) -> TrueCost:
    """What one collaboration costs (RMB) with labour, outreach and the product given away.

    Parameters
    ----------
    price_cny : quoted price per collaboration
    hours : from `labour_hours`
    wage_cny_per_hour : cost of a working hour
    cost_per_contact_cny : what a contact costs besides labour (tools, message fees)
    product_cost_cny : goods given to one collaborator, at cost

    Notes
    -----
    c = price + wage hours + contacts cost_per_contact + product.

    Examples
    --------
    A post for ¥1,380 that takes eight hours at ¥58, ten contacts at ¥2 and a product of ¥100:

    >>> float(true_cost(price_cny=1380, hours=8, wage_cny_per_hour=58,
    ...                 contacts_per_collaboration=10, cost_per_contact_cny=2,
    ...                 product_cost_cny=100).total)
    1964.0
    """
    price, labour, outreach, product = np.broadcast_arrays(
        _not_negative("price_cny", price_cny),
        _not_negative("wage_cny_per_hour", wage_cny_per_hour) * _not_negative("hours", hours),
        _not_negative("contacts_per_collaboration", contacts_per_collaboration)
        * _not_negative("cost_per_contact_cny", cost_per_contact_cny),
        _not_negative("product_cost_cny", product_cost_cny),
    )
    return TrueCost(price, labour, outreach, product)


def impressions(
    *,
    followers: ArrayLike,
    authentic_share: ArrayLike = 1.0,
    view_rate: ArrayLike = 1.0,
    posts: ArrayLike = 1.0,
) -> Array:
    """Views by people of the posts of one collaboration.

    `authentic_share` of the followers are people, `view_rate` of those see one post; the defaults
    give the naive count, every follower sees every post.

    >>> float(impressions(followers=30_000, authentic_share=.8, view_rate=.3, posts=2))
    14400.0
    """
    return (
        _not_negative("followers", followers)
        * _share("authentic_share", authentic_share)
        * _share("view_rate", view_rate)
        * _not_negative("posts", posts)
    )


def engagements(
    *, followers: ArrayLike, engagement_rate_by_followers: ArrayLike, posts: ArrayLike = 1.0
) -> Array:
    """Likes, comments, shares and saves of one collaboration.

    The rate is observed on all followers, the inauthentic ones included: it is not multiplied by
    the authentic share again.

    >>> float(engagements(followers=300, engagement_rate_by_followers=.10))
    30.0
    """
    rate = _share("engagement_rate_by_followers", engagement_rate_by_followers)
    return _not_negative("followers", followers) * rate * _not_negative("posts", posts)


def cpm(cost_cny: ArrayLike, impressions: ArrayLike) -> Array:
    """Cost per 1,000 impressions, in the currency of the cost.

    >>> float(cpm(200, 30_000).round(2))    # the micro-KOL of the book's table, printed as 7
    6.67
    """
    seen = _positive("impressions", impressions)
    return 1000 * _not_negative("cost_cny", cost_cny) / seen


def on_target_cpm(
    cost_cny: ArrayLike, impressions: ArrayLike, *, on_target_share: ArrayLike
) -> Array:
    """Cost per 1,000 impressions on the brand's target group.

    >>> float(on_target_cpm(2000, 10_000, on_target_share=.5))
    400.0
    """
    seen = _positive("impressions", impressions)
    return cpm(cost_cny, seen * _positive("on_target_share", on_target_share))


def cpe(cost_cny: ArrayLike, engagements: ArrayLike) -> Array:
    """Cost per engagement, in the currency of the cost.

    >>> float(cpe(1964, 720).round(2))
    2.73
    """
    return _not_negative("cost_cny", cost_cny) / _positive("engagements", engagements)


def cpe_from_cpm(cpm: ArrayLike, *, engagement_rate_by_views: ArrayLike) -> Array:
    """Cost per engagement of a view bought at `cpm`, by the engagement rate per view (0-1).

    >>> float(cpe_from_cpm(50, engagement_rate_by_views=.05))
    1.0
    """
    rate = _positive("engagement_rate_by_views", engagement_rate_by_views)
    return np.asarray(cpm, float) / (1000 * rate)


def engagement_rate_power_law(
    followers: ArrayLike,
    *,
    followers_small: float = 300.0,
    rate_small: float = 0.10,
    followers_large: float = 10_000_000.0,
    rate_large: float = 0.004,
) -> Array:
    """Engagement rate by followers between two known accounts, as a power of the followers.

    The defaults are the book's pair: 10 % of 300 friends and 0.4 % of a celebrity's followers
    (ten million in its price table).

    Notes
    -----
    e(F) = e_small (F / F_small)^b, b = ln(e_large / e_small) / ln(F_large / F_small).

    >>> engagement_rate_power_law([27_000, 100_000, 1_000_000]).round(4).tolist()
    [0.0249, 0.0166, 0.0081]
    """
    power = np.log(rate_large / rate_small) / np.log(followers_large / followers_small)
    return rate_small * (_positive("followers", followers) / followers_small) ** power


def tipping_hours(
    *, cost_without_labour_cny: float, wage_cny_per_hour: float, output: float, rival_rate: float
) -> float:
    """Labour hours per collaboration at which its cost per unit of output equals a rival's.

    Parameters
    ----------
    cost_without_labour_cny : price, outreach and product of one collaboration
    output : what it yields: on-target impressions in thousands, or engagements
    rival_rate : the rival's cost per unit of the same output (its CPM, or its CPE)

    Returns
    -------
    float
        Negative where the rival is cheaper even without any labour.

    >>> tipping_hours(cost_without_labour_cny=1500, wage_cny_per_hour=50, output=10, rival_rate=200)
    10.0
    """
    return (rival_rate * output - cost_without_labour_cny) / wage_cny_per_hour


def tipping_wage(
    *,
    cost_without_labour_cny: tuple[float, float],
    hours: tuple[float, float],
    output: tuple[float, float],
) -> float:
    """Hourly wage (RMB) at which two accounts cost the same per unit of output.

    Pairs are (account, rival); outputs as in `tipping_hours`. Infinite where labour weighs the same
    in both, so that no wage makes them equal; negative where one is cheaper at every wage.

    >>> tipping_wage(cost_without_labour_cny=(1000, 9000), hours=(8, 12), output=(10, 40))
    250.0
    """
    fixed = cost_without_labour_cny[1] / output[1] - cost_without_labour_cny[0] / output[0]
    slope = hours[0] / output[0] - hours[1] / output[1]
    return fixed / slope if slope else float("inf")


def tipping_fake_share(
    *, rate: tuple[float, float], fake_view_weight: tuple[float, float]
) -> float:
    """Share of views that are not people at which two accounts have the same true CPM.

    Parameters
    ----------
    rate : CPM of account and rival if every view were a person, RMB
    fake_view_weight : how much of the common share applies to each, 0-1

    Returns
    -------
    float
        May lie outside 0-1: then no share makes them equal. Infinite for parallel lines.

    Notes
    -----
    rate_1 / (1 - w_1 s) = rate_2 / (1 - w_2 s), linear in s.

    >>> round(tipping_fake_share(rate=(60, 50), fake_view_weight=(.5, 1.0)), 3)
    0.286
    """
    slope = rate[0] * fake_view_weight[1] - rate[1] * fake_view_weight[0]
    return (rate[0] - rate[1]) / slope if slope else float("inf")
