"""How much will be asked for until the next delivery but one, and how far off that may be.

What must be covered is the demand of the lead time plus the time to the next review. Its forecast
is an exponentially smoothed level; its error is measured as what it is, the error of the *sum*,
on every past week from which the same time can be looked back on. Counts spread as a negative
binomial with that variance, shrunk towards that of products of the same kind. In the end the level
at which the shop's own past reached the service asked for is taken: nominal quantiles fall short
(Prak, Teunter & Syntetos, European Journal of Operational Research 256, 2017).

Where two years are known, the shop's season is tried too, and used for the kinds of products whose
sums it forecasts better. A year is judged by the season of the other years, never by its own.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.forecast import kinds
from analytics.stock.formulas import Floats, at_most, reorder_point

Ints = npt.NDArray[np.int64]

LOOK_BACK_WEEKS = 104
TRY_WEEKS = 52
FEWEST_WEEKS = 4
"""Weeks of history before a forecast counts."""
KNOWN_DAYS = 4
"""A week counts if so many of its days are known."""
GAINS = (0.03, 0.06, 0.1, 0.2, 0.3)
"""Smoothing constants that are tried for each kind."""
PRIOR_WINDOWS = 2.0
"""How many windows without overlap what is known of the kind is worth."""
FEWEST_PRODUCTS = 20
"""Fewer products of a kind are judged with all others."""
AT_A_TIME = 5_000
YEAR_DAYS = 364
"""Whole weeks, so that weekdays meet their like."""
SMOOTHED_DAYS = 7
SEASON_LIMITS = (0.2, 5.0)


@dataclass(frozen=True)
class Demand:
    """Demand over the time to cover, an entry a product, in the order given.

    Attributes:
        daily: Units a day to expect.
        mean: Units over the time to cover.
        variance: Of the summed forecast error.
        level: The service level of the model at which the past reached the one asked for.
        reorder_point: Units that meet the demand with the service asked for.
        kind: smooth, erratic, intermittent, lumpy, short or dead.
        variation: Standard deviation of weekly demand over its mean; NaN without sales.
        reached: How often the past's demand was met, weighed by product, 0 to 1.
        tried: Over how many past windows.
    """

    daily: Floats
    mean: Floats
    variance: Floats
    level: Floats
    reorder_point: Floats
    kind: list[str]
    variation: Floats
    reached: float
    tried: int


@dataclass(frozen=True)
class _Windows:
    """Forecasts and sums of past windows, shape (products, origins), oldest first, NaN: none; and
    the forecast of the window that begins now, shape (products,)."""

    means: npt.NDArray[np.float32]
    sums: Floats
    now: Floats


def demand(
    sold: pd.DataFrame,
    products: list[str],
    days: int,
    cover_days: Floats,
    service_level: Floats,
    *,
    unknown: pd.DataFrame | None = None,
    daily: Floats | None = None,
) -> Demand:
    """Demand over the time to cover.

    Args:
        sold: product (place in `products`), day (0 to days - 1), units.
        products: Their ids.
        days: How many days the history has; its last one is day `days - 1`.
        cover_days: Lead time plus review of each product.
        service_level: How often demand should be met in full, each 0 to 1.
        unknown: product, first, last (days, both within): when it was out of stock.
        daily: Units a day to expect of each product, from a better forecast; NaN: none.
    """
    cover = np.maximum(np.rint(cover_days), 1).astype(np.int64)
    made: list[list[_Windows]] = []
    kind: list[str] = []
    variation: list[Floats] = []
    order = sold.sort_values("product", kind="stable")
    seasons = [np.ones(days + int(cover.max()))]
    if days >= 2 * YEAR_DAYS:
        seasons.append(_season(sold, len(products), days, int(cover.max())))
    for start in range(0, len(products), AT_A_TIME):
        stop = min(start + AT_A_TIME, len(products))
        low, high = np.searchsorted(order["product"], [start, stop])
        table = _daily(order.iloc[low:high], start, stop, days, unknown)
        made.append([one for each in seasons for one in _windows(table, cover[start:stop], each)])
        weekly = _weekly(table)
        kind += [kinds.kind(row[~np.isnan(row)]) for row in weekly]
        variation.append(_variation(weekly))
    return _judged(made, kind, np.concatenate(variation), cover, service_level, daily)


def _daily(
    sold: pd.DataFrame, start: int, stop: int, days: int, unknown: pd.DataFrame | None
) -> Floats:
    """Units by product and day, NaN before the first sale and while out of stock."""
    table = np.zeros((stop - start, days))
    rows, columns = sold["product"].to_numpy(int) - start, sold["day"].to_numpy(int)
    np.add.at(table, (rows, columns), sold["units"].to_numpy(float))
    first = np.full(stop - start, days)
    np.minimum.at(first, rows, columns)
    table[np.arange(days) < first[:, None]] = np.nan
    if unknown is not None:
        for product, begin, end in unknown.itertuples(index=False):
            if start <= product < stop:
                table[product - start, max(begin, 0) : max(end + 1, 0)] = np.nan
    return table


def _weekly(table: Floats) -> Floats:
    """Units by week, counted back from the end; NaN where the week is not known."""
    weeks = table.shape[1] // 7
    blocks = table[:, table.shape[1] - 7 * weeks :].reshape(len(table), weeks, 7)
    known = (~np.isnan(blocks)).sum(2)
    with np.errstate(invalid="ignore", divide="ignore"):
        weekly = np.where(known >= KNOWN_DAYS, np.nansum(blocks, 2) / known * 7, np.nan)
    return np.asarray(weekly, float)


def _variation(weekly: Floats) -> Floats:
    known = ~np.isnan(weekly)
    count = known.sum(1)
    filled = np.where(known, weekly, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(1) / count
        variance = (np.where(known, weekly - mean[:, None], 0.0) ** 2).sum(1) / count
        spread = np.where(mean > 0, np.sqrt(variance) / mean, np.nan)
    return np.asarray(spread, float)


def _season(sold: pd.DataFrame, products: int, days: int, ahead: int) -> Floats:
    """The shop's demand of each day over a usual day's, past and to come, shape (days + ahead,).

    Each product's units count over what it usually sells, else the largest would be the season.
    """
    place, units = sold["product"].to_numpy(int), sold["units"].to_numpy(float)
    usual = np.bincount(place, units, products) / np.maximum(np.bincount(place, None, products), 1)
    shop = np.bincount(sold["day"].to_numpy(int), units / usual[place], days)
    half = SMOOTHED_DAYS // 2
    weights = np.ones(SMOOTHED_DAYS)
    smooth = np.convolve(np.pad(shop, half, mode="edge"), weights, "valid") / SMOOTHED_DAYS
    years = days // YEAR_DAYS
    blocks = smooth[days - years * YEAR_DAYS :].reshape(years, YEAR_DAYS)
    ratios = blocks / np.maximum(blocks.mean(1, keepdims=True), 1e-12)
    others = (ratios.sum(0) - ratios) / (years - 1)
    usual_year = ratios.mean(0)
    before = usual_year[np.arange(-(days - years * YEAR_DAYS), 0) % YEAR_DAYS]
    after = usual_year[np.arange(ahead) % YEAR_DAYS]
    whole = np.concatenate([before, others.ravel(), after])
    return np.asarray(np.clip(whole, *SEASON_LIMITS), float)


def _windows(table: Floats, cover: Ints, season: Floats) -> list[_Windows]:
    """For each gain, what was forecast at the end of each past week and what came."""
    rows, days = table.shape
    nothing = np.zeros((rows, 1))
    known = np.hstack([nothing, np.cumsum(~np.isnan(table), 1)])
    total = np.hstack([nothing, np.cumsum(np.nan_to_num(table), 1)])
    level = np.hstack([nothing, np.cumsum(np.nan_to_num(table) / season[:days], 1)])
    weeks = min(days // 7, LOOK_BACK_WEEKS)
    ends = days - 7 * np.arange(weeks - 1, -1, -1)
    in_week = known[:, ends] - known[:, ends - 7]
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (level[:, ends] - level[:, ends - 7]) / in_week
    rates[in_week < KNOWN_DAYS] = np.nan
    after = ends[None, :] + cover[:, None]
    until = np.minimum(after, days)
    sums = np.take_along_axis(total, until, 1) - total[:, ends]
    whole = np.take_along_axis(known, until, 1) - known[:, ends] == cover[:, None]
    sums = np.where(whole, sums, np.nan)
    seasons = np.concatenate([[0.0], np.cumsum(season)])
    coming = seasons[np.minimum(after, len(season))] - seasons[ends]
    at_end = seasons[days + cover] - seasons[days]
    mean = level[:, -1] / np.maximum(known[:, -1], 1)
    kept = sums[:, -TRY_WEEKS:].copy()
    found = []
    for gain in GAINS:
        levels, seen = _levels(rates, gain)
        means = np.where(seen >= FEWEST_WEEKS, levels * coming, np.nan)
        now = np.where(seen[:, -1] > 0, levels[:, -1], mean) if weeks else mean
        # In single precision: of 100,000 products there are many.
        found.append(_Windows(means[:, -TRY_WEEKS:].astype(np.float32), kept, now * at_end))
    return found


def _levels(rates: Floats, gain: float) -> tuple[Floats, Floats]:
    """The smoothed level after each week, and how many weeks it rests on.

    The first weeks count alike, so that the level begins as their mean.
    """
    levels, seen = np.zeros_like(rates), np.zeros_like(rates)
    level, count = np.zeros(len(rates)), np.zeros(len(rates))
    for week in range(rates.shape[1]):
        rate = rates[:, week]
        known = ~np.isnan(rate)
        count = count + known
        step = np.maximum(gain, 1 / np.maximum(count, 1))
        level = np.where(known, level + step * (np.nan_to_num(rate) - level), level)
        levels[:, week], seen[:, week] = level, count
    return levels, seen


def _judged(
    made: list[list[_Windows]],
    kind: list[str],
    variation: Floats,
    cover: Ints,
    service_level: Floats,
    daily: Floats | None,
) -> Demand:
    """The gain, the spread and the level of each kind, from all its products together."""
    kind_of = np.asarray(_pooled(kind))
    sums = np.concatenate([part[0].sums for part in made])
    groups = {each: kind_of == each for each in np.unique(kind_of)}
    errors: dict[str, list[float]] = {each: [] for each in groups}
    for option in range(len(made[0])):
        means = np.concatenate([part[option].means for part in made])
        for each, rows in groups.items():
            errors[each].append(_error(means[rows], sums[rows]))
    rate, mean = np.zeros(len(kind)), np.zeros(len(kind))
    variance, level = np.zeros(len(kind)), np.array(service_level, float)
    met, tried = np.zeros(len(kind)), np.zeros(len(kind))
    for each, rows in groups.items():
        best = int(np.argmin(errors[each]))
        own = np.concatenate([part[best].now for part in made])[rows]
        if daily is not None:
            own = np.where(np.isnan(daily[rows]), own, daily[rows] * cover[rows])
        rate[rows], mean[rows] = own / cover[rows], own
        means = np.concatenate([part[best].means for part in made])[rows].astype(float)
        came = sums[rows]
        spreads, variance[rows] = _variance(means, came, mean[rows], cover[rows])
        below = at_most(came - 1, np.nan_to_num(means), np.nan_to_num(spreads))
        below[np.isnan(came) | np.isnan(spreads)] = np.nan
        level[rows] = _levels_reached(below, service_level[rows])
        counted = ~np.isnan(below)
        tried[rows] = counted.sum(1)
        met[rows] = (np.nan_to_num(below, nan=2.0) < level[rows][:, None]).sum(1)
    any_tried = tried > 0
    reached = float((met[any_tried] / tried[any_tried]).mean()) if any_tried.any() else np.nan
    return Demand(
        daily=rate, mean=mean, variance=variance, level=level,
        reorder_point=reorder_point(mean, variance, level), kind=kind, variation=variation,
        reached=reached, tried=int(tried.sum()),
    )  # fmt: skip


def _pooled(kind: list[str]) -> list[str]:
    """The kind as it is judged: those with few products go together."""
    counts = pd.Series(kind).value_counts()
    return [each if counts[each] >= FEWEST_PRODUCTS else "few" for each in kind]


def _error(means: npt.NDArray[np.float32], sums: Floats) -> float:
    """How wrong the sums were, each product's over its own mean, so that all count alike."""
    both = ~np.isnan(means) & ~np.isnan(sums)
    count = np.maximum(both.sum(1), 1)
    wrong = np.where(both, np.abs(sums - means), 0.0).sum(1) / count
    usual = np.where(both, sums, 0.0).sum(1) / count
    return float((wrong / (usual + 1)).sum())


def _variance(means: Floats, sums: Floats, mean: Floats, cover: Ints) -> tuple[Floats, Floats]:
    """The variance of the summed error, as it was known at each past origin, and now.

    At each origin only windows that were over by then count: else the past would be judged by
    itself, and look better than it was.
    """
    both = ~np.isnan(means) & ~np.isnan(sums)
    wrong = np.where(both, (np.nan_to_num(sums) - np.nan_to_num(means)) ** 2, 0.0)
    expected = np.where(both, np.nan_to_num(means), 0.0)
    sum_wrong, sum_mean, count = (np.cumsum(part, 1) for part in (wrong, expected, both * 1.0))
    squares = np.where(both, expected**2, 0.0).sum(1)
    own = np.divide(
        np.maximum(sum_wrong[:, -1:].sum(1) - sum_mean[:, -1:].sum(1), 0.0), squares,
        out=np.full(len(means), np.nan), where=squares > 0,
    )  # fmt: skip
    usual = float(np.nanmedian(own)) if (~np.isnan(own)).any() else 1.0
    weeks = np.ceil(cover / 7).astype(np.int64)
    prior = PRIOR_WINDOWS * np.maximum(cover / 7, 1.0)

    def blended(
        wrong_by: Floats, mean_by: Floats, seen: Floats, at: Floats, weight: Floats
    ) -> Floats:
        factor = np.divide(wrong_by, mean_by, out=np.ones_like(mean_by), where=mean_by > 0)
        share = np.where(mean_by > 0, seen / (seen + weight), 0.0)
        return np.asarray(share * factor * at + (1 - share) * (at + usual * at**2))

    places = np.arange(means.shape[1])[None, :] - weeks[:, None]
    over = np.maximum(places, 0)
    known = places >= 0
    past = blended(
        np.where(known, np.take_along_axis(sum_wrong, over, 1), 0.0),
        np.where(known, np.take_along_axis(sum_mean, over, 1), 0.0),
        np.where(known, np.take_along_axis(count, over, 1), 0.0),
        means, prior[:, None],
    )  # fmt: skip
    if not means.shape[1]:
        return past, mean + usual * mean**2
    now = blended(sum_wrong[:, -1], sum_mean[:, -1], count[:, -1], mean, prior)
    return past, now


def _levels_reached(below: Floats, asked: Floats) -> Floats:
    """The model's level at which past windows were met as often as asked.

    Args:
        below: For each past window the chance, by the model, of less than what came; NaN: none.
        asked: The service level of each product.
    """
    counted = ~np.isnan(below)
    products = counted.any(1).sum()
    if products < FEWEST_PRODUCTS:
        return asked
    weights = np.broadcast_to(1 / np.maximum(counted.sum(1), 1)[:, None], below.shape)[counted]
    values = below[counted]
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    found = asked.copy()
    for level in np.unique(asked):
        place = min(int(np.searchsorted(share, level)), len(values) - 1)
        found[asked == level] = np.nextafter(max(values[order][place], 0.0), 1.0)
    return np.clip(found, asked, 0.9999)
