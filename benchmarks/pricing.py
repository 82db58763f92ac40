"""Whether planted elasticities are found: twenty sample shops, each from another seed.

    python benchmarks/pricing.py

makes the sample shop of seeds 1 to 20, reads its orders and products, and estimates the elasticity
of every product. Two products have one planted (-2.0 and -0.8); no other has more than two prices.
It ends with 1 if a planted value lies outside its 95% interval in more than 3 of 20 shops, if an
interval is wider than ± 0.6, or if another product is not refused.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "sample_data")]

import make  # noqa: E402

from analytics import pricing  # noqa: E402
from analytics.store import Store, inspect, load  # noqa: E402

WITHIN, WIDEST = 0.85, 0.6


def estimates(seed: int) -> pricing.Elasticities:
    """The elasticities of a seed's shop, by the product's own way from its files."""
    with tempfile.TemporaryDirectory() as folder, Store(":memory:") as store:
        make.write(make.generate(seed), Path(folder))
        for table in ("orders", "products"):
            path = Path(folder) / f"{table}.csv"
            load(store, path, inspect(path, table=table))
        return pricing.elasticity(store)


def main() -> int:
    """Print a line a seed; 1 where the promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    seeds = parser.parse_args().seeds
    within: dict[str, int] = {}
    widest, strangers = 0.0, 0
    for seed in range(1, seeds + 1):
        truth = make.generate(seed).truth.elasticities
        table = estimates(seed).table.set_index("key")
        strangers += int(table.drop(index=list(truth))["identified"].sum())
        said = []
        for key, planted in truth.items():
            row = table.loc[key]
            within[key] = within.get(key, 0) + int(row["lo"] <= planted <= row["hi"])
            widest = max(widest, (row["hi"] - row["lo"]) / 2)
            said.append(f"{key} {planted:.1f}: {row['lo']:.2f} to {row['hi']:.2f}")
        print(f"seed {seed:>2}  " + "   ".join(said), flush=True)
    told = ", ".join(f"{key} {count} of {seeds}" for key, count in within.items())
    print(f"within the interval: {told}; widest ± {widest:.2f}; others not refused: {strangers}")
    good = min(within.values()) >= WITHIN * seeds and widest <= WIDEST and not strangers
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
