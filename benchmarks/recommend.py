"""Recommendations on real purchases: every method beside the shopkeeper's rules.

    python benchmarks/recommend.py transactions.parquet products.parquet

takes the dunnhumby households of 2017 ("The Complete Journey": household_id, basket_id, product_id,
quantity, sales_value, transaction_timestamp; and product_id, department, product_category,
product_type, manufacturer_id), leaves out fuel and what is no product, keeps what at least ten
households bought before the last 28 days, loads it as a shop and prints `recommend.compare` for
both jobs. It ends with 1 if a figure falls behind: for `again` the two stages at least buying
again, and buying again at least 0.95 × .413; for `discover` the two stages at least 1.2 × best
sellers and ALS at least best sellers; ALS at least 1.2 × best sellers on everything.

    python benchmarks/recommend.py --orders orders.csv

compares on any order file instead, and checks nothing.

    python benchmarks/recommend.py --customers 1000000 --products 50000 --pairs 20000000

measures ALS beside the bare library, a fit at the same settings and everyone's lists of ten, and
how long it takes to read what was learnt again from the store it was kept in. It ends with 1 above
1.1 and 1.3 times the library's CPU time, 2 seconds or 6 GB.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import pandas as pd
from scipy import sparse

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import recommend
from analytics.recommend import saved
from analytics.recommend.factors import Als
from analytics.recommend.history import History
from analytics.recommend.lists import lister
from analytics.store import Store, inspect, load

NO_PRODUCTS = ["FUEL", "MISCELLANEOUS"]
END = date(2018, 1, 1)
TEST_DAYS = 28
FEWEST_HOUSEHOLDS = 10
AGAIN = 0.413
BEST_SELLERS = 0.047


def households(transactions: Path, products: Path, folder: Path) -> None:
    """Write orders.csv and products.csv."""
    lines, catalogue = pd.read_parquet(transactions), pd.read_parquet(products)
    lines = lines.merge(catalogue[["product_id", "department"]], on="product_id", how="left")
    lines = lines[
        (lines["quantity"] > 0)
        & (lines["sales_value"] > 0)
        & ~lines["department"].isin(NO_PRODUCTS)
        & (lines["transaction_timestamp"] < pd.Timestamp(END))
    ]
    before = lines["transaction_timestamp"] < pd.Timestamp(END) - pd.Timedelta(days=TEST_DAYS)
    buyers = lines[before].groupby("product_id")["household_id"].nunique()
    lines = lines[lines["product_id"].isin(buyers[buyers >= FEWEST_HOUSEHOLDS].index)]
    columns = {
        "basket_id": "order_id",
        "household_id": "customer_id",
        "transaction_timestamp": "ordered_at",
        "product_id": "product_id",
        "quantity": "quantity",
        "sales_value": "amount",
    }
    lines[list(columns)].rename(columns=columns).to_csv(folder / "orders.csv", index=False)
    kept = catalogue[catalogue["product_id"].isin(lines["product_id"])]
    pd.DataFrame(
        {
            "product_id": kept["product_id"],
            "name": kept["product_type"],
            "category": kept["product_category"],
            "brand": kept["manufacturer_id"],
        }
    ).to_csv(folder / "products.csv", index=False)


def race(folder: Path, as_of: date | None) -> dict[str, pd.DataFrame]:
    """Load what lies in a folder and compare all methods for both jobs."""
    found = {}
    with Store() as store:
        for table in ("orders", "products"):
            path = folder / f"{table}.csv"
            if path.exists():
                load(store, path, inspect(path, table=table), import_day=date(2026, 12, 31))
        for job in ("again", "discover"):
            start = time.perf_counter()
            compared = recommend.compare(store, job, as_of=as_of)
            print(f"\n{job}: {time.perf_counter() - start:.0f} s; {compared.customers:,} judged")
            print(compared.table.drop(columns=["label"]).round(4).to_string(index=False))
            print(compared.verdict)
            found[job] = compared.table.set_index("method")
    return found


def behind(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Which figures fall short."""
    again, discover = (tables[job]["ndcg"] for job in ("again", "discover"))
    checks = {
        "buy again": again["again"] >= 0.95 * AGAIN,
        "best sellers": abs(discover["popular"] / BEST_SELLERS - 1) <= 0.05,
        "two stages, again": again["two_stage"] >= max(again["again"], AGAIN),
        "two stages, discover": discover["two_stage"] >= 1.2 * discover["popular"],
        "ALS, discover": discover["als"] >= discover["popular"],
        "ALS, everything": again["als"] >= 1.2 * again["popular"],
    }
    return [name for name, good in checks.items() if not good]


def cpu() -> float:
    """CPU seconds so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def speed(customers: int, products: int, pairs: int) -> bool:
    """Whether ALS keeps to its multiples of the bare library."""
    from implicit.cpu.als import AlternatingLeastSquares

    rng = np.random.default_rng(1)
    row = rng.integers(0, customers, pairs)
    column = (products * rng.random(pairs) ** 3).astype(np.int64)
    counts = sparse.csr_matrix((np.ones(pairs, np.float32), (row, column)), (customers, products))
    counts.sum_duplicates()
    logs = counts.copy()
    logs.data = np.log1p(logs.data)
    start = cpu()
    bare = AlternatingLeastSquares(64, 30.0, iterations=15, random_state=0)
    bare.fit(logs, show_progress=False)
    bare_fit, start = cpu() - start, cpu()
    everyone = np.arange(customers)
    for place in range(0, customers, 10_000):
        part = everyone[place : place + 10_000]
        bare.recommend(part, logs[part], N=10)
    bare_top, start = cpu() - start, cpu()
    own = Als(counts)
    own_fit, start = cpu() - start, cpu()
    lister(_known(counts), "discover", "als", own).lists(everyone, 10)
    own_top = cpu() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    reloaded = reload_seconds(own)
    print(f"fit {own_fit:.1f} CPU-s against {bare_fit:.1f}: {own_fit / bare_fit:.2f} x")
    print(f"first ten {own_top:.1f} CPU-s against {bare_top:.1f}: {own_top / bare_top:.2f} x")
    print(f"memory {memory:.2f} GB")
    print(f"what was learnt read again in {reloaded:.2f} s")
    good = own_fit <= 1.1 * bare_fit and own_top <= 1.3 * bare_top
    return good and memory < 6 and reloaded < 2


def _known(counts: sparse.csr_matrix) -> History:
    """A history of made purchases, of which only what lists need is told."""
    customers, products = counts.shape
    held = np.bincount(counts.indices, minlength=products).astype(float)
    people = pd.DataFrame({"customer_id": np.arange(customers), "baskets": 3})
    things = pd.DataFrame({"product_id": np.arange(products)})
    return History(END, people, things, counts, counts, counts, counts, held)


def reload_seconds(learnt: Als) -> float:
    """How long it takes to read the vectors from a store that was closed in between."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.duckdb"
        decision = saved.Decision("als", "Kept.", None, {"als": {}})
        with Store(path) as store:
            saved.keep(store, "speed", "now", decision, learnt)
        with Store(path) as store:
            start = time.perf_counter()
            found = saved.find(store, "speed", "now")
            seconds = time.perf_counter() - start
    assert found is not None
    customers, products = found.choices["als"]["learnt"]
    assert np.array_equal(customers, learnt.customer_vectors)
    assert np.array_equal(products, learnt.product_vectors)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", type=Path, help="transactions and products (parquet)")
    parser.add_argument("--orders", type=Path, help="any order file")
    parser.add_argument("--customers", type=int)
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--pairs", type=int, default=20_000_000)
    given = parser.parse_args()
    if given.customers:
        return 0 if speed(given.customers, given.products, given.pairs) else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.orders:
            (folder / "orders.csv").symlink_to(given.orders.absolute())
            race(folder, None)
            return 0
        if len(given.files) != 2:
            parser.error("name the transactions and the products, or --orders or --customers")
        households(*given.files, folder)
        short = behind(race(folder, END))
    if short:
        print("\nFalls short: " + "; ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
