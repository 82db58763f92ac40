"""An order file into the store: `load` beside a bare INSERT of the same file with typed columns.

    python benchmarks/load.py --lines 10000000

writes an order file (seeded, about 80 bytes a line; one line in 10,000 has a date or a price that
cannot be read, one order in 100 was refunded), brings it into a new file on disk both ways, each in
a process of its own and with the store's memory limit, and prints the CPU and wall times and the
peak memory. It checks that the receipt adds up to the cent to what was written. It ends with 1 if
`load` takes more than 1.8 times the CPU time of the bare INSERT, or 2 GB of memory or more.

The bare INSERT leaves out what it cannot read; `load` also tells every line's fate and why, keeps
what it could not read, counts the records a second way, and makes the receipt. What the receipt
reads only when it is shown (how many different orders, customers, products) is timed apart.
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
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics.store import Receipt, Store, inspect, load, receipt
from analytics.store.store import MEMORY_LIMIT

SEED = 20240229
IMPORT_DAY = date(2025, 1, 1)
MOST_CPU = 1.8
"""The most CPU time `load` may take, as a multiple of the bare INSERT's."""
MOST_MB = 2_000
"""The memory it has to stay below, in megabytes of 1,000,000 bytes."""

COLUMNS = {
    "order_id": "VARCHAR",
    "customer_id": "VARCHAR",
    "ordered_at": "TIMESTAMP",
    "product_id": "VARCHAR",
    "quantity": "DECIMAL(18, 4)",
    "unit_price": "DECIMAL(18, 4)",
    "discount": "DECIMAL(18, 4)",
    "status": "VARCHAR",
    "channel": "VARCHAR",
    "country": "VARCHAR",
}

LINES = f"""
WITH numbered AS (
    SELECT i, 2 * (i // 4) + CAST(i % 4 >= hash(i // 4, {SEED}) % 4 AS BIGINT) AS order_no
    FROM range($lines) AS r (i)
), drawn AS (
    SELECT
        *, hash(order_no, {SEED + 1}) AS of_order, hash(order_no, {SEED + 2}) AS of_customer,
        hash(i, {SEED + 3}) AS of_line, hash(i, {SEED + 4}) AS of_fault
    FROM numbered
)
SELECT
    order_no,
    CAST(pow(of_customer % 1000000 / 1e6, 1.5) * ($lines / 7 + 1) AS BIGINT) AS customer_no,
    TIMESTAMP '2022-01-01' + to_seconds(CAST(of_order % (1096 * 86400) AS BIGINT)) AS ordered_at,
    CAST(pow(of_line % 100000 / 1e5, 2) * 20000 AS BIGINT) AS product_no,
    1 + of_line // 100000 % 3 AS quantity,
    CAST(500 + of_line // 300000 % 9900 AS DECIMAL(18, 2)) / 100 AS unit_price,
    CASE
        WHEN of_line // 3000000 % 10 = 0
            THEN CAST(5 + of_line // 30000000 % 490 AS DECIMAL(18, 2)) / 100
        ELSE 0
    END AS discount,
    of_order // 100000000 % 100 = 0 AS is_refunded,
    of_order // 10000000000 % 4 AS channel,
    of_order // 40000000000 % 5 AS country,
    of_fault % 20000 = 0 AS has_bad_date,
    of_fault % 20000 = 1 AS has_bad_price
FROM drawn
"""
FILE = f"""
SELECT
    'SO-' || strftime(ordered_at, '%Y%m') || '-' || lpad(CAST(order_no AS VARCHAR), 9, '0')
        AS order_id,
    'C' || lpad(CAST(customer_no AS VARCHAR), 8, '0') AS customer_id,
    CASE
        WHEN has_bad_date THEN 'soon' ELSE strftime(ordered_at, '%Y-%m-%d %H:%M:%S')
    END AS ordered_at,
    'P-' || lpad(CAST(product_no AS VARCHAR), 6, '0') AS product_id,
    quantity,
    CASE WHEN has_bad_price THEN 'ask' ELSE CAST(CAST(unit_price AS DECIMAL(18, 2)) AS VARCHAR) END
        AS unit_price,
    CAST(discount AS DECIMAL(18, 2)) AS discount,
    CASE WHEN is_refunded THEN 'refunded' WHEN order_no % 3 = 0 THEN 'paid' ELSE 'shipped' END
        AS status,
    ['direct', 'search', 'email', 'marketplace'][CAST(channel AS BIGINT) + 1] AS channel,
    ['Germany', 'France', 'United Kingdom', 'Italy', 'Spain'][CAST(country AS BIGINT) + 1]
        AS country
FROM ({LINES})
"""
CHECK = f"""
SELECT
    count(*) FILTER (has_bad_date OR has_bad_price) AS rejected,
    count(DISTINCT order_no) FILTER (NOT has_bad_date AND NOT has_bad_price) AS orders,
    CAST(sum(total) FILTER (NOT has_bad_date AND NOT has_bad_price) AS VARCHAR) AS amount,
    CAST(sum(total) FILTER (NOT has_bad_date AND NOT has_bad_price AND is_refunded) AS VARCHAR)
        AS refunded
FROM (SELECT *, CAST(quantity * unit_price - discount AS DECIMAL(18, 2)) AS total FROM ({LINES}))
"""


@dataclass(frozen=True)
class Made:
    """What was written to the file.

    Attributes:
        lines: Records, header left out.
        rejected: Those with a date or price that cannot be read.
        orders: Different orders among the others.
        amount: Line totals of the others.
        refunded: Those of refunded orders.
    """

    lines: int
    rejected: int
    orders: int
    amount: Decimal
    refunded: Decimal


@dataclass(frozen=True)
class Cost:
    """What a way of importing takes.

    Attributes:
        cpu_s: CPU seconds of all threads.
        wall_s: Seconds on the clock.
        peak_mb: The most memory its process held, in megabytes of 1,000,000 bytes.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


def make_file(path: Path, lines: int) -> Made:
    """Write an order file of that many lines."""
    with duckdb.connect() as connection:
        relation = connection.sql(FILE, params={"lines": lines})
        relation.write_csv(str(path))
        row = connection.execute(CHECK, {"lines": lines}).fetchall()[0]
    rejected, orders, amount, refunded = row
    return Made(lines, rejected, orders, Decimal(amount or 0), Decimal(refunded or 0))


def bare(path: Path, into: Path) -> dict[str, Any]:
    """One INSERT with typed columns; lines that cannot be read are left out."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    ddl = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with duckdb.connect(into, config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute(f"CREATE TABLE orders ({ddl})")
        connection.execute(
            f"INSERT INTO orders SELECT * FROM read_csv($path, auto_detect=false, header=true, "
            f"columns={{{types}}}, delim=',', quote='\"', escape='\"', new_line='\\n', "
            "ignore_errors=true)",
            {"path": str(path)},
        )
        rows = connection.execute("SELECT count(*) FROM orders").fetchall()[0][0]
    return {"rows": rows}


def with_load(path: Path, into: Path) -> dict[str, Any]:
    """The import as the product makes it, its receipt's waterfall included."""
    with Store(into) as store:
        done = load(store, path, inspect(path), import_day=IMPORT_DAY)
        return {"analysed": int(done.waterfall["rows"].iloc[-1])}


def figures(into: Path) -> dict[str, Any]:
    """What the receipt says, to be held against what was written, and what its facts take."""
    with Store(into) as store:
        done = receipt(store, 1)
        start = time.process_time()
        found = _figures(done)
        return found | {"facts_cpu_s": time.process_time() - start}


def _figures(done: Receipt) -> dict[str, Any]:
    *parts, last = done.waterfall.to_dict("records")
    by_step = {str(part["step"]): part for part in parts}
    facts = done.facts.set_index("fact")["rows"]
    return {
        "adds_up": sum(part["rows"] for part in parts) == last["rows"]
        and sum(Decimal(str(part["amount"])) for part in parts) == Decimal(str(last["amount"]))
        and done.records == done.added + done.rejected == by_step["In the file"]["rows"],
        "records": done.records,
        "rejected": done.rejected,
        "told": len(done.rejects),
        "analysed": int(last["rows"]),
        "orders": int(facts["Orders"]),
        "revenue": str(last["amount"]),
        "refunded": str(by_step["Refunded"]["amount"]) if "Refunded" in by_step else "0",
    }


WAYS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {"bare INSERT": bare, "load": with_load}


def cost(way: str, path: Path, into: Path) -> tuple[Cost, dict[str, Any]]:
    """What one way takes, and what it says it did."""
    before, wall_start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    said = WAYS[way](path, into)
    wall_s = time.perf_counter() - wall_start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    peak_bytes = after.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    found = Cost(cpu_s, wall_s, peak_bytes / 1e6)
    return found, said | (figures(into) if way == "load" else {})


def _apart(way: str, path: Path) -> tuple[Cost, dict[str, Any]]:
    """The same in a process of its own, so that peak memory is that way's alone."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        into = Path(folder) / "shop.duckdb"
        printed = subprocess.run(
            [sys.executable, __file__, "--way", way, "--path", str(path), "--into", str(into)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    found = json.loads(printed)
    return Cost(**found["cost"]), found["said"]


def differences(made: Made, said: dict[str, Any]) -> list[str]:
    """Where the receipt differs from what was written."""
    good = made.lines - made.rejected
    expected: dict[str, Any] = {
        "adds_up": True,
        "records": made.lines,
        "rejected": made.rejected,
        "told": made.rejected,
        "analysed": good,
        "orders": made.orders,
        "revenue": made.amount - made.refunded,
        "refunded": -made.refunded,
    }
    found = said | {name: Decimal(said[name]) for name in ("revenue", "refunded")}
    return [
        f"{name}: {found[name]} instead of {value}"
        for name, value in expected.items()
        if found[name] != value
    ]


def main() -> int:
    """Run the benchmark; return 1 if `load` is too slow, takes too much memory or is wrong."""
    parser = argparse.ArgumentParser(description="Time the import of an order file.")
    parser.add_argument("--lines", type=int, default=10_000_000)
    for hidden in ("--way", "--path", "--into"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        one, said = cost(chosen.way, Path(chosen.path), Path(chosen.into))
        print(json.dumps({"cost": vars(one), "said": said}))
        return 0
    costs: dict[str, Cost] = {}
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        made = make_file(path, chosen.lines)
        megabytes = path.stat().st_size / 1e6
        print(f"{made.lines:,} lines, {megabytes:,.0f} MB, seed {SEED}, limit {MEMORY_LIMIT}\n")
        for way in WAYS:
            costs[way], results[way] = _apart(way, path)
    base = costs["bare INSERT"]
    print(" " * 14 + "CPU s  ratio  wall s  ratio  peak MB  ratio")
    for way, one in costs.items():
        print(
            f"{way:12}{one.cpu_s:7.2f}{one.cpu_s / base.cpu_s:7.2f}{one.wall_s:8.2f}"
            f"{one.wall_s / base.wall_s:7.2f}{one.peak_mb:9.0f}{one.peak_mb / base.peak_mb:7.2f}"
        )
    wrong = differences(made, results["load"])
    if results["bare INSERT"]["rows"] != made.lines - made.rejected:
        wrong.append(f"the bare INSERT read {results['bare INSERT']['rows']:,} lines")
    print("\n" + ("\n".join(wrong) or "The receipt adds up to what was written, to the cent."))
    print(
        f"The receipt's facts, read when it is shown: {results['load']['facts_cpu_s']:.2f} CPU s."
    )
    ratio, peak_mb = costs["load"].cpu_s / base.cpu_s, costs["load"].peak_mb
    print(
        f"load takes {ratio:.2f} times the CPU of the bare INSERT (≤ {MOST_CPU}), "
        f"and {peak_mb:,.0f} MB (< {MOST_MB:,})."
    )
    return int(bool(wrong) or ratio > MOST_CPU or peak_mb >= MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
