"""Experiments: does a test of nothing stay quiet, and does a true effect show?

    python benchmarks/experiment.py --runs 2000

Thousands of tests are made up whose truth is known (`tests/experiment/simulate.py`: one in twenty
buys, order values are log-normal, what a customer does lasts) and compared as a page would. It ends
with 1 if a test of nothing wins outside of 5 ± 1.5%, an always-valid one read on 14 days more than
5%, an interval for conversion, revenue or average order value holds the truth outside of
95 ± 1.5% (± 2.5% where one arm is a tenth of the customers), a planned effect is found outside of
80 ± 4%, or CUPED shortens the interval otherwise than √(1 − ρ²). Two thousand runs
take about a quarter of an hour.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE)]

from tests.experiment import simulate  # noqa: E402
from tests.experiment.simulate import COVERAGE, FALSE_WINNERS, POWER, Share, Shop  # noqa: E402


def show(title: str, found: dict[str, Share], began: float) -> None:
    """Print a series."""
    print(f"\n{title} ({time.perf_counter() - began:.0f} s)")
    for name, share in found.items():
        print(f"  {name:48}{share.share:8.2%}  of {share.of:,}")


def simulations(runs: int) -> list[str]:
    """What missed its limit."""
    missed = []

    def check(
        title: str, found: dict[str, Share], began: float, expected: float, off: float
    ) -> None:
        show(title, found, began)
        missed.extend(
            f"{title}: {name} {share.share:.2%}"
            for name, share in found.items()
            if "relative" not in name and not share.within(expected, off)
        )

    began = time.perf_counter()
    check("A test of nothing wins", simulate.no_effect(runs), began, FALSE_WINNERS, 0.015)
    began = time.perf_counter()
    title, found = "A test of nothing wins on one of 14 days", simulate.peeking(runs)
    show(title, found, began)
    missed.extend(
        f"{title}: {name} {share.share:.2%}"
        for name, share in found.items()
        if name.endswith("always_valid") and not share.at_most(FALSE_WINNERS)
    )
    began = time.perf_counter()
    check("The interval holds the truth", simulate.coverage(runs), began, COVERAGE, 0.015)
    for sizes in ((1_000, 9_000), (9_000, 1_000)):
        began = time.perf_counter()
        held = simulate.coverage(runs, sizes, Shop(), lift=0.0)
        title = f"The interval holds the truth, {sizes[0]:,} against {sizes[1]:,}"
        check(title, held, began, COVERAGE, 0.025)
    began = time.perf_counter()
    check("The planned effect is found", simulate.power(runs), began, POWER, 0.04)
    shorter = simulate.shortening()
    print(f"\nCUPED shortens the interval\n{shorter.round(3).to_string(index=False)}")
    if ((shorter["shorter"] / shorter["expected"] - 1).abs() > 0.01).any():
        missed.append("CUPED does not shorten the interval as the correlation says")
    return missed


def main() -> int:
    """Run the benchmark; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description="Test the statistics of experiments.")
    parser.add_argument("--runs", type=int, default=2_000)
    chosen = parser.parse_args()
    missed = simulations(chosen.runs)
    print("\n" + ("\n".join(missed) if missed else "All within their limits."))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
