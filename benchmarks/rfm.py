"""Scores of recency, frequency and monetary value: `rfm.score` beside one bare query and pandas.

    python benchmarks/rfm.py --customers 700000

makes a shop (seeded, about four lines a customer), scores it three ways, each in a process of its
own, checks that the three agree on every customer, and prints the best of three CPU and wall times
and the peak memory. It ends with 1 if `rfm.score` takes more than 1.5 times the bare query's CPU
time. No way keeps anything from run to run.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import rfm
from analytics.store import TABLES, Store, layout

SEED = 20240229
FIRST_DAY, AS_OF = np.datetime64("2022-01-01", "D"), date(2024, 1, 1)
DAYS = int((np.datetime64(AS_OF, "D") - FIRST_DAY).astype(int))
RUNS = 3
MOST = 1.5
"""The most CPU time `rfm.score` may take, as a multiple of the bare query's."""

CELLS = ", ".join(
    f"({r}, {fm}, '{rfm.VOCABULARIES['eleven'].segments[place].name}')"
    for r, row in enumerate(rfm.VOCABULARIES["eleven"].cells, start=1)
    for fm, place in enumerate(row, start=1)
)
BARE = f"""
WITH totals AS (
    SELECT
        customer_id,
        date_diff('day', MAX(CASE WHEN is_order THEN day END), $as_of) AS recency_days,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS frequency,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS monetary
    FROM sales
    WHERE customer_id IS NOT NULL AND day < $as_of
    GROUP BY customer_id
), ranked AS (
    SELECT
        *,
        COUNT(*) OVER () AS customers,
        RANK() OVER (ORDER BY recency_days DESC) - 1 AS later,
        RANK() OVER (ORDER BY frequency) - 1 AS rarer,
        RANK() OVER (ORDER BY monetary) - 1 AS smaller
    FROM totals
    WHERE frequency > 0
), scored AS (
    SELECT
        *,
        1 + 5 * later // customers AS r,
        1 + 5 * rarer // customers AS f,
        1 + 5 * smaller // customers AS m
    FROM ranked
)
SELECT customer_id, recency_days, frequency, monetary, r, f, m, cell.segment
FROM scored
JOIN (VALUES {CELLS}) AS cell (cell_r, cell_fm, segment)
    ON cell_r = r AND cell_fm = (f + m + 1) // 2
ORDER BY customer_id
"""


@dataclass(frozen=True)
class Cost:
    """What a way of scoring takes, best of three.

    Attributes:
        cpu_s: CPU seconds of all threads.
        wall_s: Seconds on the clock.
        peak_mb: The most memory its process held, in megabytes of 1,000,000 bytes.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


def make_shop(store: Store, customers: int, seed: int = SEED) -> int:
    """Fill a store with orders of that many customers; return how many lines.

    Two in three customers order once, the others up to thirty times; an order has one line or two.
    One line in fifty is a return, and one order in fifty a guest's.
    """
    rng = np.random.default_rng(seed)
    orders = 1 + np.minimum(rng.negative_binomial(0.35, 0.35 / (0.35 + 1.75), customers), 29)
    customer = np.repeat(np.arange(customers), orders)
    order_day = rng.integers(0, DAYS, len(customer))
    lines = 1 + rng.poisson(0.55, len(customer))
    order = np.repeat(np.arange(len(customer)), lines)
    is_return = rng.random(len(order)) < 0.02
    cents = (np.exp(rng.normal(3.2, 0.9, len(order))) * 100).astype(np.int64)
    is_guest = (rng.random(len(customer)) < 0.02)[order]
    ids = np.char.add("K", np.char.zfill(rng.permutation(customers).astype(str), 7))
    frame = pa.table(
        {
            "record_no": np.arange(len(order)),
            "order": order,
            "customer": pa.array(ids[customer[order]], mask=is_guest),
            "day": pa.array((FIRST_DAY + order_day)[order]),
            "cents": np.where(is_return, -cents, cents),
        }
    )
    with store.transaction() as cursor:
        cursor.register("made", frame)
        layout.make_room(cursor, TABLES["orders"], ("fingerprint", "quantity"))
        cursor.execute(
            """
            INSERT INTO orders_lines BY NAME
            SELECT
                1 AS batch_id, record_no, TRUE AS current, FALSE AS rounded, hash(record_no) AS
                fingerprint, 'A' || "order" AS order_id, customer AS customer_id,
                CAST(day AS TIMESTAMP) + INTERVAL 12 HOUR AS ordered_at,
                'P' || record_no % 5000 AS product_id, 1 AS quantity,
                CAST(cents AS DECIMAL(18, 4)) / 100 AS amount,
                CASE WHEN cents < 0 THEN 'return' ELSE 'sale' END AS state
            FROM made
            """
        )
        cursor.unregister("made")
    return len(order)


def bare(store: Store) -> pa.Table:
    """The scores in one query, as it might be written by hand."""
    with store.reading() as cursor:
        return cursor.sql(BARE, params={"as_of": AS_OF}).to_arrow_table()


def with_pandas(store: Store) -> pd.DataFrame:
    """The scores from a DataFrame of all lines."""
    with store.reading() as cursor:
        lines = cursor.sql(
            "SELECT customer_id, order_id, day, is_order, CAST(revenue AS DOUBLE) AS revenue "
            "FROM sales WHERE customer_id IS NOT NULL AND day < $as_of",
            params={"as_of": AS_OF},
        ).df()
    ordered = lines[lines["is_order"]].groupby("customer_id")
    found = pd.DataFrame(
        {
            "recency_days": (pd.Timestamp(AS_OF) - ordered["day"].max()).dt.days,
            "frequency": ordered["order_id"].nunique(),
        }
    )
    found["monetary"] = lines.groupby("customer_id")["revenue"].sum().round(4)
    worse = {"r": -found["recency_days"], "f": found["frequency"], "m": found["monetary"]}
    for letter, values in worse.items():
        below = values.rank(method="min").astype("int64") - 1
        found[letter] = 1 + 5 * below // len(found)
    names = np.array([segment.name for segment in rfm.VOCABULARIES["eleven"].segments])
    cells = np.array(rfm.VOCABULARIES["eleven"].cells)
    found["segment"] = names[cells[found["r"] - 1, (found["f"] + found["m"] + 1) // 2 - 1]]
    return found.sort_index().reset_index()


def with_rfm(store: Store) -> pd.DataFrame:
    """The scores as the product makes them."""
    return rfm.score(store, AS_OF)


WAYS: dict[str, Callable[[Store], pd.DataFrame | pa.Table]] = {
    "bare SQL": bare,
    "rfm.score": with_rfm,
    "pandas": with_pandas,
}


def plain(result: pd.DataFrame | pa.Table) -> pd.DataFrame:
    """A result in columns of one kind, to compare; customers without an order left out."""
    frame = result.to_pandas() if isinstance(result, pa.Table) else result
    frame = frame[frame["frequency"] > 0]
    cents = (frame["monetary"].astype("float64") * 100).round()
    whole = ["recency_days", "frequency", "r", "f", "m"]
    return (
        frame.assign(monetary=cents)
        .astype(dict.fromkeys(whole, "int64") | {"customer_id": "str", "segment": "str"})
        .sort_values("customer_id", ignore_index=True)
    )


def cost(way: str, store: Store, runs: int = RUNS) -> tuple[Cost, pd.DataFrame]:
    """What one way takes on a store, and what it finds."""
    cpu, wall = [], []
    for _ in range(runs):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        result = WAYS[way](store)
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    return Cost(min(cpu), min(wall), peak_bytes / 1e6), plain(result)


def _apart(way: str, shop: Path) -> tuple[Cost, pd.DataFrame]:
    """The same in a process of its own, so that peak memory is that way's alone."""
    out = shop.with_name("result.pickle")
    said = subprocess.run(
        [sys.executable, __file__, "--way", way, "--shop", str(shop), "--out", str(out)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return Cost(**json.loads(said)), pd.read_pickle(out)


def main() -> int:
    """Run the benchmark; return 1 if `rfm.score` is too slow."""
    parser = argparse.ArgumentParser(description="Time the RFM scores three ways.")
    parser.add_argument("--customers", type=int, default=700_000)
    for hidden in ("--way", "--shop", "--out"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        with Store(chosen.shop) as store:
            found, frame = cost(chosen.way, store)
        frame.to_pickle(chosen.out)
        print(json.dumps(vars(found)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop.duckdb"
        with Store(shop) as store:
            lines = make_shop(store, chosen.customers)
        print(f"{chosen.customers:,} customers, {lines:,} lines, seed {SEED}, best of {RUNS}\n")
        costs: dict[str, Cost] = {}
        frames: dict[str, pd.DataFrame] = {}
        for way in WAYS:
            costs[way], frames[way] = _apart(way, shop)
    for way in WAYS:
        pd.testing.assert_frame_equal(frames[way], frames["bare SQL"], obj=way)
    base = costs["bare SQL"]
    print(" " * 14 + "CPU s  ratio  wall s  ratio  peak MB  ratio")
    for way, one in costs.items():
        print(
            f"{way:12}{one.cpu_s:7.2f}{one.cpu_s / base.cpu_s:7.2f}{one.wall_s:8.2f}"
            f"{one.wall_s / base.wall_s:7.2f}{one.peak_mb:9.0f}{one.peak_mb / base.peak_mb:7.2f}"
        )
    ratio = costs["rfm.score"].cpu_s / base.cpu_s
    print(f"\nAll three agree. rfm.score takes {ratio:.2f} times the bare query's CPU (≤ {MOST}).")
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
