"""What a customer does next, on a real shop's log: every way beside the Markov chain.

    python benchmarks/next_action.py --taobao UserBehavior.csv

reads the Taobao behaviour log (user, item, category, behaviour, Unix seconds, without a header;
unpacked), takes its moments for the shop's time in China, and prints the table of
`propensity.next_action`, the next categories, and what it took. It ends with 1 if the logistic
regression's log-loss is more than .93 of the Markov chain's, the network, where PyTorch is
installed, falls behind the regression, or it takes longer than a minute without the network or
five with it.

    python benchmarks/next_action.py --events events.csv

prints the same for any event file, and checks nothing.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

sys.path.insert(0, str(Path(__file__).parents[1]))

from analytics import propensity
from analytics.propensity import next_network
from analytics.store import Store, inspect, load

MOST = 0.93
MOST_S, MOST_WITH_NETWORK_S = 60, 300
IMPORT_DAY = date(2026, 12, 31)


def read(store: Store, path: Path, *, taobao: bool) -> None:
    """Load the log."""
    look = inspect(path, table="events")
    if taobao:
        store.set_policy(replace(store.policy, zone="Asia/Shanghai"))
        look = look.replace(also={"products": {"category": "column 3"}})
    load(store, path, look, import_day=IMPORT_DAY)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--taobao", type=Path, help="the Taobao behaviour log")
    parser.add_argument("--events", type=Path, help="any event file")
    given = parser.parse_args()
    if not given.taobao and not given.events:
        parser.error("name --taobao or --events")
    with Store() as store:
        read(store, given.taobao or given.events, taobao=bool(given.taobao))
        wall, spent = time.perf_counter(), time.process_time()
        found = propensity.next_action(store)
        wall, spent = time.perf_counter() - wall, time.process_time() - spent
    measured = ["method", "used", "log_loss", "log_loss_lo", "log_loss_hi", "macro_f1"]
    measured += [name for name in ("recall_buy", "auc_buy") if name in found.table]
    print(f"{wall:.0f} s, {spent:.0f} CPU-s; learnt from {found.learnt_steps:,} steps, judged by "
          f"{found.judged_steps:,} of {found.judged_customers:,} customers")  # fmt: skip
    print(found.table[[*measured, "accuracy"]].round(4).to_string(index=False))
    print(found.verdict.sentence, *found.notes, sep="\n")
    print(found.categories.drop(columns="label", errors="ignore").round(3).to_string(index=False))
    losses = found.table.set_index("method")["log_loss"]
    ratios = (losses / losses["chain_1"]).round(3).dropna()
    print("of the Markov chain's log-loss:", ratios.to_dict())
    if not given.taobao:
        return 0
    with_network = next_network.available()
    short = []
    if ratios["logistic"] > MOST:
        short.append("the logistic regression")
    if with_network and losses["network"] > losses["logistic"]:
        short.append("the network")
    if wall > (MOST_WITH_NETWORK_S if with_network else MOST_S):
        short.append("the time")
    if short:
        print("\nFalls short: " + "; ".join(short))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
