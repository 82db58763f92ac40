"""Who is held out: drawn at random, but alike in segment and value.

The people stand in a row, segment by segment and in it value band by value band, all of them in
random order, and of that row every so many are taken from a random start on (systematic sampling:
Cochran, Sampling Techniques, 1977, ch. 8). So every person has exactly the wanted chance to be held
out, whatever their stratum, and the number held out of each stratum, of each segment and of all is
the exact share rounded up or down.
"""

from typing import Any

import numpy as np
import pandas as pd

from analytics.campaign.planning import check_share
from analytics.errors import AnalyticsError, NotEnoughDataError

BANDS = 4
NO_SEGMENT = "No segment"


def split(frame: pd.DataFrame, holdout_share: float, seed: int) -> pd.DataFrame:
    """Draw who is held out.

    Args:
        frame: customer_id, and where they are known segment (text) and value (money they brought).
        holdout_share: The share to hold out, between 0 and 1.
        seed: The same people, share and seed give the same answer, in whatever order they come.

    Returns:
        DataFrame, sorted by customer_id: customer_id, treated (False: held out), segment, stratum
        (segment and value band).

    Raises:
        NotEnoughDataError: There is nobody, or nobody would be on one side.
        AnalyticsError: The share is none, or somebody is in the frame twice.
    """
    check_share(holdout_share)
    if frame.empty:
        raise NotEnoughDataError("There is nobody to contact.", "Choose another audience.")
    ids = frame["customer_id"].to_numpy(dtype=object)
    order = np.argsort(ids.astype(str), kind="stable")
    ids = ids[order]
    if (ids[1:] == ids[:-1]).any():
        raise AnalyticsError("Somebody is in the audience twice.", "Name everybody once.")
    count = len(ids)
    segments = np.full(count, NO_SEGMENT, dtype=object)
    if "segment" in frame:
        given = frame["segment"].fillna(NO_SEGMENT).to_numpy(dtype=object)
        segments = np.where(given == "", NO_SEGMENT, given)[order]
    given_value = frame["value"] if "value" in frame else pd.Series(0.0, index=frame.index)
    value = given_value.astype(float).fillna(0.0).to_numpy(dtype=np.float64)[order]
    band = _bands(value)
    rng = np.random.default_rng(seed)
    mixed = rng.random(count)
    codes, names = pd.factorize(segments, sort=True)
    segment_place = rng.random(len(names))[codes]
    band_place = rng.random((len(names), BANDS))[codes, band]
    row = np.lexsort((mixed, band_place, segment_place))
    reached = np.floor(np.arange(count + 1) * holdout_share + rng.random()).astype(np.int64)
    held = np.empty(count, dtype=bool)
    held[row] = reached[1:] > reached[:-1]
    if held.all() or not held.any():
        raise NotEnoughDataError(
            f"Of {count:,} people nobody would be {'contacted' if held.all() else 'held out'}.",
            "Choose a larger audience or another share to hold out.",
        )
    labels = np.array(
        [f"{name}, value band {one} of {BANDS}" for name in names for one in range(1, BANDS + 1)],
        dtype=object,
    )
    return pd.DataFrame(
        {
            "customer_id": ids,
            "treated": ~held,
            "segment": [None if one == NO_SEGMENT else one for one in segments],
            "stratum": labels[codes * BANDS + band],
        }
    )


def _bands(value: Any) -> Any:
    """Which quarter of the audience by value, 0 to 3; equal values stay together."""
    edges = np.quantile(value, np.arange(1, BANDS) / BANDS)
    return np.searchsorted(edges, value, side="right")
