"""Who will buy and who will leave, on real shops: every model beside the shopkeeper's rules.

    python benchmarks/propensity.py --households folder

takes the dunnhumby households of 2017 ("The Complete Journey": transactions.parquet and
products.parquet) as a shop and prints the table of `propensity.fit` for customers lost in 30 days
and for five categories bought in 30 days, judged by the last window. It ends with 1 if a figure
falls behind: the AUC of lost customers at least that of recency, frequency and value + .01, the
mean AUC of categories at least that of the customer's own count + .01, both calibrated to .04.

    python benchmarks/propensity.py --orders orders.csv [--products products.csv] [--days 30 60]

prints the tables for any order file, and checks nothing.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import propensity
from analytics.propensity.targets import Asked
from analytics.store import Store, inspect, load

END = date(2018, 1, 1)
CATEGORIES = 5
BETTER_BY = 0.01
CALIBRATED = 0.04
SHOWN = ["label", "used", "auc", "auc_lo", "auc_hi", "average_precision", "log_loss",
         "calibration_error"]  # fmt: skip


def households(source: Path, folder: Path) -> None:
    """Write orders.csv and products.csv."""
    lines = pd.read_parquet(source / "transactions.parquet")
    lines = lines[
        (lines["quantity"] > 0)
        & (lines["sales_value"] > 0)
        & (lines["transaction_timestamp"] < pd.Timestamp(END))
    ]
    columns = {
        "basket_id": "order_id",
        "household_id": "customer_id",
        "transaction_timestamp": "ordered_at",
        "product_id": "product_id",
        "quantity": "quantity",
        "sales_value": "amount",
    }
    lines[list(columns)].rename(columns=columns).to_csv(folder / "orders.csv", index=False)
    catalogue = pd.read_parquet(source / "products.parquet")
    pd.DataFrame(
        {
            "product_id": catalogue["product_id"],
            "name": catalogue["product_type"],
            "category": catalogue["product_category"],
        }
    ).to_csv(folder / "products.csv", index=False)


def asked(store: Store, questions: Iterable[Asked], days: int, as_of: date | None) -> pd.DataFrame:
    """Print the table of each question; all of them, one under the other."""
    tables = []
    for question in questions:
        start, spent = time.perf_counter(), time.process_time()
        found = propensity.fit(store, question, days, as_of)
        wall, spent = time.perf_counter() - start, time.process_time() - spent
        print(f"\n{question}, {days} days: {wall:.0f} s, {spent:.0f} CPU-s; judged "
              f"{found.judged_customers:,}, of whom {found.judged_did:,} did")  # fmt: skip
        print(found.table[SHOWN].round(4).to_string(index=False))
        print(found.verdict.sentence, *found.notes, sep="\n")
        tables.append(found.table.assign(question=str(question)))
    return pd.concat(tables, ignore_index=True)


def behind(lost: pd.DataFrame, bought: pd.DataFrame) -> list[str]:
    """Which figures fall short."""
    short = []
    for name, table, rule in (("lost", lost, "rfm"), ("categories", bought, "count")):
        stands = table[(table["kind"] == "model") & table["stood_for_its_kind"]]
        model = stands["auc"].mean()
        against = table.loc[table["method"] == rule, "auc"].mean()
        error = stands["calibration_error"].mean()
        print(f"\n{name}: AUC {model:.4f} against {against:.4f}; calibration error {error:.4f}")
        if model < against + BETTER_BY:
            short.append(f"{name}: AUC")
        if error > CALIBRATED:
            short.append(f"{name}: calibration")
    return short


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--households", type=Path, help="folder of the two parquet files")
    parser.add_argument("--orders", type=Path, help="any order file")
    parser.add_argument("--products", type=Path, help="its products")
    parser.add_argument("--days", type=int, nargs="+", default=[30, 60])
    given = parser.parse_args()
    if not given.households and not given.orders:
        parser.error("name --households or --orders")
    with tempfile.TemporaryDirectory() as name, Store() as store:
        folder = Path(name)
        files = {"orders": given.orders, "products": given.products}
        if given.households:
            households(given.households, folder)
            files = {table: folder / f"{table}.csv" for table in files}
        for table, path in files.items():
            if path:
                load(store, path, inspect(path, table=table), import_day=date(2026, 12, 31))
        if not given.households:
            for days in given.days:
                asked(store, ("order", "lapse"), days, None)
            return 0
        sold = store.query("propensity_choices", as_of=END)
        # The most bought category is bought by everybody, so the middle ones are asked about.
        middle = sold[(sold["kind"] == "category") & (sold["buyers"] < 1500)].head(CATEGORIES)
        lost = asked(store, ["lapse"], 30, END)
        bought = asked(store, [("category", str(each)) for each in middle["of"]], 30, END)
    short = behind(lost, bought)
    if short:
        print("\nFalls short: " + "; ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
