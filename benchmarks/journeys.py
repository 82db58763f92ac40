"""A funnel of three steps: `journeys.funnel` beside one bare query, written by hand.

    python benchmarks/journeys.py --events 10000000

makes a shop's events (seeded; views, carts, purchases and other things of about 15 events a
person), counts who went from view over cart to purchase within seven days both ways, each in a
process of its own, checks that the two agree, and prints the best of three CPU and wall times and
the peak memory. It ends with 1 if `journeys.funnel` takes more than twice the bare query's CPU time
or ten seconds on the clock.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import journeys
from analytics.store import TABLES, Store, layout

RUNS = 3
MOST, MOST_S = 2.0, 10.0
"""The most CPU time, as a multiple of the bare query's, and seconds on the clock."""
DAYS, EVENTS_EACH = 60, 15
STEPS = ("view", "cart", "purchase")

MADE = f"""
INSERT INTO events_lines BY NAME
SELECT
    1 AS batch_id, i AS record_no, TRUE AS current, FALSE AS rounded,
    'K' || lpad(CAST(hash(i) % CAST($people AS UBIGINT) AS VARCHAR), 8, '0') AS customer_id,
    TIMESTAMP '2024-01-01'
        + to_seconds(CAST(hash(i + 1000000007) % {DAYS * 86400} AS BIGINT)) AS occurred_at,
    CASE
        WHEN hash(i + 2000000011) % 100 < 70 THEN 'view'
        WHEN hash(i + 2000000011) % 100 < 85 THEN 'cart'
        WHEN hash(i + 2000000011) % 100 < 92 THEN 'purchase'
        ELSE 'search'
    END AS event
FROM range($events) AS made (i)
"""
BARE = """
WITH carts AS (
    SELECT
        customer_id, at_us, event,
        MAX(CASE WHEN event = 'view' THEN at_us END) OVER sofar AS view_us
    FROM events
    WHERE event IN ('view', 'cart', 'purchase')
    WINDOW sofar AS (PARTITION BY customer_id ORDER BY at_us)
), purchases AS (
    SELECT
        *,
        MAX(CASE WHEN event = 'cart' AND at_us - view_us <= 604800000000 THEN view_us END)
            OVER sofar AS cart_view_us
    FROM carts
    WINDOW sofar AS (PARTITION BY customer_id ORDER BY at_us)
)
SELECT
    COUNT(DISTINCT customer_id) FILTER (event = 'view'),
    COUNT(DISTINCT customer_id) FILTER (event = 'cart' AND at_us - view_us <= 604800000000),
    COUNT(DISTINCT customer_id)
        FILTER (event = 'purchase' AND at_us - cart_view_us <= 604800000000)
FROM purchases
"""


@dataclass(frozen=True)
class Cost:
    """What a way of counting takes, best of three.

    Attributes:
        cpu_s: CPU seconds of all threads.
        wall_s: Seconds on the clock.
        peak_mb: The most memory its process held, in megabytes of 1,000,000 bytes.
        customers: How many reached each step.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    customers: list[int]


def make_events(store: Store, events: int) -> None:
    """Fill a store with so many events."""
    with store.transaction() as cursor:
        layout.make_room(cursor, TABLES["events"], ("fingerprint",))
        cursor.execute(MADE, {"events": events, "people": max(1, events // EVENTS_EACH)})


def bare(store: Store) -> list[int]:
    """The customers of each step in one query, as it might be written by hand."""
    with store.reading() as cursor:
        return [int(count) for count in cursor.execute(BARE).fetchall()[0]]


def with_funnel(store: Store) -> list[int]:
    """The same as the product counts them, with rates, intervals and times."""
    return [int(count) for count in journeys.funnel(store, STEPS, 7)["customers"]]


WAYS: dict[str, Callable[[Store], list[int]]] = {"bare SQL": bare, "journeys.funnel": with_funnel}


def cost(way: str, store: Store) -> Cost:
    """What one way takes on a store."""
    cpu, wall = [], []
    for _ in range(RUNS):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        customers = WAYS[way](store)
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_bytes = peak if sys.platform == "darwin" else peak * 1024
    return Cost(min(cpu), min(wall), peak_bytes / 1e6, customers)


def _apart(way: str, shop: Path) -> Cost:
    """The same in a process of its own, so that peak memory is that way's alone."""
    said = subprocess.run(
        [sys.executable, __file__, "--way", way, "--shop", str(shop)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return Cost(**json.loads(said))


def main() -> int:
    """Run the benchmark; return 1 if `journeys.funnel` is too slow."""
    parser = argparse.ArgumentParser(description="Time a funnel of three steps two ways.")
    parser.add_argument("--events", type=int, default=10_000_000)
    for hidden in ("--way", "--shop"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        with Store(chosen.shop) as store:
            print(json.dumps(asdict(cost(chosen.way, store))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop.duckdb"
        with Store(shop) as store:
            make_events(store, chosen.events)
        print(f"{chosen.events:,} events, best of {RUNS}\n")
        costs = {way: _apart(way, shop) for way in WAYS}
    base, ours = costs["bare SQL"], costs["journeys.funnel"]
    if base.customers != ours.customers:
        raise AssertionError(f"They disagree: {base.customers} and {ours.customers}.")
    print(" " * 17 + "CPU s  ratio  wall s  ratio  peak MB")
    for way, one in costs.items():
        print(
            f"{way:15}{one.cpu_s:7.2f}{one.cpu_s / base.cpu_s:7.2f}{one.wall_s:8.2f}"
            f"{one.wall_s / base.wall_s:7.2f}{one.peak_mb:9.0f}"
        )
    steps = ", ".join(f"{name} {n:,}" for name, n in zip(STEPS, ours.customers, strict=True))
    ratio = ours.cpu_s / base.cpu_s
    print(f"\nBoth agree: {steps}.")
    print(f"journeys.funnel takes {ratio:.2f} times the bare query's CPU (≤ {MOST}).")
    return int(ratio > MOST or ours.wall_s > MOST_S)


if __name__ == "__main__":
    sys.exit(main())
