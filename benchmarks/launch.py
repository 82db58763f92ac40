"""New products on real purchases: whom to tell, beside the RFM score.

    python benchmarks/launch.py transactions.parquet products.parquet

takes the dunnhumby households of 2017 as `benchmarks/recommend.py` does, and prints
`recommend.past_launches` at the end of the year. It ends with 1 if the first 5% of the lists hold
less than 4 times as many buyers as chance, if the area under the curve is less than .03 above the
RFM score's, or if it takes three minutes.
"""

import argparse
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from recommend import END, households

from analytics import recommend
from analytics.store import Store, inspect, load

LIFT, AHEAD, SECONDS = 4.0, 0.03, 180.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("transactions", type=Path)
    parser.add_argument("products", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Store() as store:
        folder = Path(name)
        households(given.transactions, given.products, folder)
        for table in ("orders", "products"):
            path = folder / f"{table}.csv"
            load(store, path, inspect(path, table=table), import_day=date(2026, 12, 31))
        start = time.perf_counter()
        found = recommend.past_launches(store, END)
        seconds = time.perf_counter() - start
    print(found.evidence.round(3).to_string(index=False))
    print(f"{found.verdict}\n{seconds:.0f} s")
    rows = found.evidence.set_index("method").astype({"auc": float, "lift_top_5": float})
    checks = {
        "lift in the first 5%": rows.loc["blend", "lift_top_5"] >= LIFT,
        "area under the curve": rows.loc["blend", "auc"] >= rows.loc["rfm", "auc"] + AHEAD,
        "blend in use": found.used == "blend",
        "time": seconds < SECONDS,
    }
    short = [name for name, good in checks.items() if not good]
    if short:
        print("Falls short: " + "; ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
