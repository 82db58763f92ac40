"""A test of a million customers: the product's own reading beside one hand-written query.

    python benchmarks/experiment_speed.py --customers 1000000

makes a shop (seeded) with one test, orders and events, and reads it in the same process

- by one query, as it might be written by hand: sums, squares and products of five metrics, with
  those of the time before, in doubles;
- by `experiment.read`, `compare` of the five metrics with CUPED, and `health`;
- by `experiment.arms` told apart by twelve segments and fourteen days.

It checks that the first two agree, prints the best of three CPU and wall times, and ends with 1 if
the second takes more than 1.5 times, or the third more than 3 times, the CPU time of the first.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import experiment
from analytics.store import TABLES, Store, layout

SEED = 20240301
RUNS = 3
MOST, MOST_BY_DAY = 1.5, 3.0
DAY_US = 86_400_000_000
START = np.datetime64("2024-03-01", "us")
AS_OF, WINDOW_DAYS = date(2024, 3, 29), 14
ASSIGNED_DAYS = 14
BEFORE_DAYS = 28
METRICS = (
    *("revenue_per_visitor", "conversion_rate", "average_order_value", "orders_per_visitor"),
    "click_through_rate",
)
SEGMENTS = 12

BARE = """
WITH firsts AS (
    SELECT customer_id, MIN(variant) AS variant, MIN(at_us) AS from_us
    FROM assignments
    WHERE experiment = $experiment
    GROUP BY customer_id
    HAVING MIN(variant) = MAX(variant)
), exposed AS (
    SELECT
        customer_id, variant, from_us, from_us - from_us % 86400000000 AS midnight_us,
        from_us + $window_days * 86400000000 AS until_us
    FROM firsts
    WHERE from_us + $window_days * 86400000000 <= epoch_us(CAST($as_of AS TIMESTAMP))
), placed AS (
    SELECT
        e.customer_id, s.order_id, s.at_us < e.midnight_us AS is_before,
        SUM(s.revenue) AS revenue
    FROM sales AS s
    JOIN exposed AS e ON e.customer_id = s.customer_id
    WHERE s.day >= $from_day AND s.day < $as_of
        AND (s.at_us >= e.from_us AND s.at_us < e.until_us
            OR s.at_us < e.midnight_us
            AND s.at_us >= e.midnight_us - $window_days * 86400000000)
    GROUP BY ALL
), bought AS (
    SELECT
        customer_id,
        COUNT(*) FILTER (NOT is_before) AS orders,
        SUM(revenue) FILTER (NOT is_before) AS revenue,
        COUNT(*) FILTER (is_before) AS orders_before,
        SUM(revenue) FILTER (is_before) AS revenue_before
    FROM placed
    GROUP BY customer_id
), did AS (
    SELECT
        e.customer_id,
        COUNT(*) FILTER (v.event = 'click' AND v.at_us >= e.from_us) AS clicks,
        COUNT(*) FILTER (v.event = 'impression' AND v.at_us >= e.from_us) AS impressions,
        COUNT(*) FILTER (v.event = 'click' AND v.at_us < e.midnight_us) AS clicks_before,
        COUNT(*) FILTER (v.event = 'impression' AND v.at_us < e.midnight_us) AS impressions_before
    FROM events AS v
    JOIN exposed AS e ON e.customer_id = v.customer_id
    WHERE v.event IN ('click', 'impression') AND v.day >= $from_day AND v.day < $as_of
        AND v.at_us >= e.midnight_us - $window_days * 86400000000 AND v.at_us < e.until_us
    GROUP BY e.customer_id
), outcomes AS (
    SELECT
        e.variant,
        CAST(COALESCE(b.orders > 0, FALSE) AS INTEGER) AS k,
        CAST(COALESCE(b.orders_before > 0, FALSE) AS INTEGER) AS k0,
        COALESCE(b.orders, 0) AS o, COALESCE(b.orders_before, 0) AS o0,
        COALESCE(CAST(b.revenue AS DOUBLE), 0) AS r,
        COALESCE(CAST(b.revenue_before AS DOUBLE), 0) AS r0,
        COALESCE(d.clicks, 0) AS c, COALESCE(d.clicks_before, 0) AS c0,
        COALESCE(d.impressions, 0) AS i, COALESCE(d.impressions_before, 0) AS i0
    FROM exposed AS e
    LEFT JOIN bought AS b USING (customer_id)
    LEFT JOIN did AS d USING (customer_id)
)
SELECT
    variant, COUNT(*) AS n, SUM(k) AS k, SUM(k0) AS k0, SUM(k * k0) AS kk0,
    SUM(r) AS r, SUM(r * r) AS rr, SUM(r0) AS r0, SUM(r0 * r0) AS r0r0, SUM(r * r0) AS rr0,
    SUM(o) AS o, SUM(o * o) AS oo, SUM(o0) AS o0, SUM(o0 * o0) AS o0o0, SUM(o * o0) AS oo0,
    SUM(r * o) AS ro, SUM(r * o0) AS ro0, SUM(o * r0) AS or0, SUM(r0 * o0) AS r0o0,
    SUM(c) AS c, SUM(c * c) AS cc, SUM(c0) AS c0, SUM(c0 * c0) AS c0c0, SUM(c * c0) AS cc0,
    SUM(i) AS i, SUM(i * i) AS ii, SUM(i0) AS i0, SUM(i0 * i0) AS i0i0, SUM(i * i0) AS ii0,
    SUM(c * i) AS ci, SUM(c * i0) AS ci0, SUM(i * c0) AS ic0, SUM(c0 * i0) AS c0i0
FROM outcomes
GROUP BY variant
ORDER BY variant
"""


def make_shop(store: Store, customers: int, seed: int = SEED) -> None:
    """Fill a store: a test over two weeks, orders and events from four weeks before to its end.

    Seven in ten customers order at random moments; a quarter see things and click.
    """
    rng = np.random.default_rng(seed)
    ids = pa.array(np.char.add("K", np.char.zfill(np.arange(customers).astype(str), 7)))
    days = BEFORE_DAYS + ASSIGNED_DAYS + WINDOW_DAYS

    def moments(first_day: int, length_days: int, n: int) -> Any:
        return START + (first_day * DAY_US + rng.integers(0, length_days * DAY_US, n)).astype(
            "m8[us]"
        )

    orders, events = customers * 7 // 10, customers * 3
    order = np.repeat(np.arange(orders), 1 + rng.poisson(0.5, orders))
    buyer, ordered_at = rng.integers(0, customers, orders), moments(-BEFORE_DAYS, days, orders)
    made = {
        "made_assignments": {
            "customer_id": ids,
            "variant": np.where(rng.random(customers) < 0.5, "control", "treatment"),
            "moment": moments(0, ASSIGNED_DAYS, customers),
        },
        "made_orders": {
            "number": order,
            "customer_id": ids.take(pa.array(buyer[order])),
            "moment": ordered_at[order],
            "cents": (np.exp(rng.normal(3.2, 0.9, len(order))) * 100).astype(np.int64),
        },
        "made_events": {
            "customer_id": ids.take(pa.array(rng.integers(0, customers, events) // 4 * 4)),
            "moment": moments(-BEFORE_DAYS, days, events),
            "event": np.where(rng.random(events) < 0.08, "click", "impression"),
        },
    }
    common = "1 AS batch_id, row_number() OVER () AS record_no, TRUE AS current, FALSE AS rounded"
    with store.transaction() as cursor:
        for name, columns in made.items():
            cursor.register(name, pa.table(columns))
        layout.make_room(cursor, TABLES["orders"], ("fingerprint", "quantity"))
        cursor.execute(
            f"INSERT INTO assignments_lines BY NAME SELECT {common}, 'test' AS experiment, "
            "customer_id, variant, moment AS assigned_at FROM made_assignments"
        )
        cursor.execute(
            f"INSERT INTO orders_lines BY NAME SELECT {common}, hash(number) AS fingerprint, "
            "'A' || number AS order_id, customer_id, moment AS ordered_at, 1 AS quantity, "
            "CAST(cents AS DECIMAL(18, 4)) / 100 AS amount, 'sale' AS state FROM made_orders"
        )
        cursor.execute(
            f"INSERT INTO events_lines BY NAME SELECT {common}, customer_id, "
            "moment AS occurred_at, event FROM made_events"
        )
        cursor.execute(
            "INSERT INTO customers BY NAME SELECT customer_id, 'DE' AS country "
            "FROM made_assignments"
        )
        for name in made:
            cursor.unregister(name)


def bare(store: Store) -> pa.Table:
    """The sums in one query, as it might be written by hand."""
    params = {
        "experiment": "test",
        "window_days": WINDOW_DAYS,
        "as_of": AS_OF,
        "from_day": date(2024, 2, 16),
    }
    with store.reading() as cursor:
        return cursor.sql(BARE, params=params).to_arrow_table()


def whole(store: Store) -> pd.DataFrame:
    """Arms, comparisons and checks, as the page asks for them."""
    found = experiment.read(store, "test", METRICS, WINDOW_DAYS, as_of=AS_OF)
    control, treatment = (experiment.arm(found.arms, name) for name in ("control", "treatment"))
    for metric in METRICS:
        experiment.compare(control, treatment, metric)
    experiment.health(store, "test", readout=found)
    return found.arms


def by_segment_and_day(store: Store, segments: str) -> pd.DataFrame:
    """The arms of twelve segments from day to day."""
    return experiment.arms(
        store, "test", METRICS, WINDOW_DAYS, ("segment", "day"), as_of=AS_OF, groups=segments
    )


def cost(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Best of three: CPU seconds, seconds on the clock; and what came out."""
    cpu, wall, result = [], [], None
    for _ in range(RUNS):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        result = run()
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    return min(cpu), min(wall), result


def check(sums: pa.Table, arms: pd.DataFrame) -> None:
    """Complain if the two readings differ."""
    rows = arms.set_index(["metric", "variant"])
    for line in sums.to_pylist():
        at, n = line["variant"], line["n"]
        revenue = rows.loc[("revenue_per_visitor", at)]
        expected = {
            "n": n,
            "value_mean": line["r"] / n,
            "value_variance": (line["rr"] - line["r"] ** 2 / n) / (n - 1),
            "before_mean": line["r0"] / n,
            "covariance_value_before": (line["rr0"] - line["r"] * line["r0"] / n) / (n - 1),
        }
        for name, number in expected.items():
            np.testing.assert_allclose(revenue[name], number, rtol=1e-9, err_msg=name)
        assert rows.loc[("conversion_rate", at), "successes"] == line["k"]
        ratio = rows.loc[("click_through_rate", at), "mean"]
        np.testing.assert_allclose(ratio, int(line["c"]) / int(line["i"]), rtol=1e-12)


def main() -> int:
    """Run the benchmark; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description="Time the reading of a large test.")
    parser.add_argument("--customers", type=int, default=1_000_000)
    customers = parser.parse_args().customers
    with Store(":memory:") as store:
        make_shop(store, customers)
        ids = store.query("experiment_groups", experiment="test", by="country")["customer_id"]
        groups = pd.DataFrame(
            {
                "customer_id": ids,
                "segment": [f"s{place % SEGMENTS:02}" for place in range(len(ids))],
            }
        )
        segments = store.keep("segments", "benchmark", pa.Table.from_pandas(groups))
        print(f"{customers:,} customers, {len(METRICS)} metrics, seed {SEED}, best of {RUNS}\n")
        costs = {
            "bare SQL": cost(lambda: bare(store)),
            "read, compare, health": cost(lambda: whole(store)),
            "12 segments x days": cost(lambda: by_segment_and_day(store, segments)),
        }
    check(costs["bare SQL"][2], costs["read, compare, health"][2])
    base = costs["bare SQL"]
    print(" " * 22 + "  CPU s  ratio  wall s  ratio")
    for way, (cpu, wall, _) in costs.items():
        print(f"{way:22}{cpu:7.2f}{cpu / base[0]:7.2f}{wall:8.2f}{wall / base[1]:7.2f}")
    ratios = [costs[way][0] / base[0] for way in list(costs)[1:]]
    print(f"\nBoth agree. Limits: {MOST} and {MOST_BY_DAY} times the bare query's CPU time.")
    return int(ratios[0] > MOST or ratios[1] > MOST_BY_DAY)


if __name__ == "__main__":
    sys.exit(main())
