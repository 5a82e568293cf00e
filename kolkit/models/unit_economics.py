"""What one more order leaves the brand, before what it cost to win it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def contribution_per_order(
    *,
    average_order_value_cny: ArrayLike,
    gross_margin: ArrayLike,
    platform_fee_rate: ArrayLike,
    base_return_rate: ArrayLike,
    return_cost_per_order_cny: ArrayLike,
) -> Array:
    """Margin of one order placed, RMB, after returns and the platform's fee.

    Parameters
    ----------
    average_order_value_cny : price paid for an order
    gross_margin : share (0-1) of it left after goods and outbound delivery
    platform_fee_rate : share (0-1) that the platform keeps of what stays sold
    base_return_rate : share (0-1) of orders that come back
    return_cost_per_order_cny : cost of taking one order back

    Returns
    -------
    Array
        Negative where returns cost more than kept orders earn.

    Notes
    -----
    AOV (1 - r) (margin - fee) - r cost.

    Examples
    --------
    An order of ¥300 at a margin of 55 % and a fee of 3.5 %; a quarter comes back at ¥12 each:

    >>> float(contribution_per_order(average_order_value_cny=300, gross_margin=.55,
    ...     platform_fee_rate=.035, base_return_rate=.25, return_cost_per_order_cny=12).round(3))
    112.875
    """
    back = np.asarray(base_return_rate, float)
    kept = np.asarray(average_order_value_cny, float) * (1 - back)
    per_yuan = np.asarray(gross_margin, float) - np.asarray(platform_fee_rate, float)
    return kept * per_yuan - back * np.asarray(return_cost_per_order_cny, float)
