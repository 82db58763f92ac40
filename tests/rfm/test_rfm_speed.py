"""A tenth of `benchmarks/rfm.py`: the three ways agree, and ours keeps up with the bare query."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd

from analytics.store import Store

PATH = Path(__file__).parents[2] / "benchmarks" / "rfm.py"
MOST = 2.0
"""Looser than the benchmark's own limit, as small runs and busy machines vary."""


def test_scores_are_those_of_the_bare_query_at_its_cost(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("rfm_benchmark", PATH)
    assert spec
    assert spec.loader
    benchmark = sys.modules["rfm_benchmark"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    with Store(tmp_path / "shop.duckdb") as store:
        assert benchmark.make_shop(store, 70_000) > 200_000
        bare_cost, bare = benchmark.cost("bare SQL", store)
        our_cost, ours = benchmark.cost("rfm.score", store)
        _, pandas = benchmark.cost("pandas", store, runs=1)
    assert len(bare) > 60_000
    pd.testing.assert_frame_equal(ours, bare)
    pd.testing.assert_frame_equal(pandas, bare)
    assert our_cost.cpu_s <= MOST * bare_cost.cpu_s
