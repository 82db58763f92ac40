"""What was decided and learnt for a shop, kept in its store so that nothing is raced again.

Kept are the method with its verdict and comparison, the parameters of each method in use, the
vectors of the factor methods (ALS, SVD, NMF) and, for the two stages, the trees: their nodes are
plain numbers. Other methods learn again from their parameters, which gives the same to the bit:
neighbours, EASE and content in seconds. Purchases are read again, so nothing is kept by
customer. All of it is bytes in one table whose format is fixed (JSON, Arrow, NumPy without
objects), because what is unpickled may run code.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import implicit
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from analytics import pytorch
from analytics.recommend.factors import Factors
from analytics.recommend.history import History
from analytics.recommend.methods import Choice
from analytics.recommend.race import Comparison
from analytics.recommend.scorer import Scorer
from analytics.recommend.two_stage import Ranker, Stage, columns_of
from analytics.store import Store

CODE_VERSION = 1
CHUNK = 3_840
"""Bytes a row: DuckDB reads blobs of less than 4 KB faster than longer ones."""
MOST_BYTES = 2_000_000_000
"""The most that comes out of DuckDB as one part; longer vectors are learnt again."""
FRAMES, DAYS = ("table", "spread"), ("from_day", "until_day")
WHOSE = ("customer", "product")
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Decision:
    """What is to be learnt, and what of it was learnt before.

    Attributes:
        method: The method in use.
        verdict: Why.
        comparison: The race that chose it, if there was one.
        choices: The parameters of each method in use: of the method, or of all that the two stages
            take candidates from. Vectors that were kept are among them, as `learnt`.
        ranker: The trees of the two stages.
    """

    method: str
    verdict: str
    comparison: Comparison | None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    ranker: Ranker | None = None


def stamp_of(store: Store, history: History, *asked: Any) -> str:
    """What a decision was made from: data, day, feedback, what was asked for, and the code."""
    code = [CODE_VERSION, sklearn.__version__, implicit.__version__, np.__version__]
    code.append(pytorch.version())
    return json.dumps([store.version, str(history.as_of), history.feedback, asked, code])


def keep(store: Store, name: str, stamp: str, decision: Decision, scorer: Scorer) -> None:
    """Keep a decision and what was learnt by it; of each name the latest three are held."""
    facts: dict[str, Any] = {"method": decision.method, "verdict": decision.verdict}
    facts["choices"], facts["factors"] = decision.choices, {}
    parts: dict[str, Bytes] = {}
    if decision.comparison:
        said = {one.name: getattr(decision.comparison, one.name) for one in fields(Comparison)}
        parts |= {name: _from_frame(said.pop(name)) for name in FRAMES}
        facts["comparison"] = {name: value for name, value in said.items() if name not in DAYS}
        facts["days"] = {name: said[name].isoformat() for name in DAYS}
    if decision.ranker:
        trees = [tree.nodes for (tree,) in decision.ranker.model._predictors]
        parts["trees"] = _from_array(np.concatenate(trees))
        facts["trees"] = {
            "lengths": [len(nodes) for nodes in trees],
            "baseline": float(np.ravel(decision.ranker.model._baseline_prediction)[0]),
            "names": decision.ranker.names,
        }
    scorers = scorer.scorers if isinstance(scorer, Stage) else {decision.method: scorer}
    for method, each in scorers.items():
        if isinstance(each, Factors) and each.customer_vectors.nbytes <= MOST_BYTES:
            for whose in WHOSE:
                vectors = np.ascontiguousarray(getattr(each, f"{whose}_vectors"))
                parts[f"{method} {whose}"] = vectors.reshape(-1).view(np.uint8)
            facts["factors"][method] = each.product_vectors.shape[1]
    parts["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    store.keep(f"recommend_model_{name}", stamp, _table(parts))


def find(store: Store, name: str, stamp: str) -> Decision | None:
    """The decision that was kept under a stamp; None where there is none, or no longer."""
    table = store.kept(f"recommend_model_{name}", stamp)
    if table is None:
        return None

    def part(named: str) -> Bytes:
        return _joined(
            store.arrow("recommend_model", tables={"recommend_model": table}, part=named)
        )

    facts = json.loads(part("facts").tobytes())
    choices: dict[str, Choice] = dict(facts["choices"])
    for method, size in facts["factors"].items():
        vectors = (part(f"{method} {whose}").view(np.float32) for whose in WHOSE)
        learnt = tuple(each.reshape(-1, size) for each in vectors)
        choices[method] = {**choices[method], "learnt": learnt}
    comparison = None
    if "comparison" in facts:
        said: dict[str, Any] = {name: _to_frame(part(name)) for name in FRAMES}
        said |= {name: date.fromisoformat(day) for name, day in facts["days"].items()}
        comparison = Comparison(**facts["comparison"], **said)
    ranker = _ranker(facts["trees"], _to_array(part("trees"))) if "trees" in facts else None
    return Decision(facts["method"], facts["verdict"], comparison, choices, ranker)


def _ranker(facts: Mapping[str, Any], nodes: npt.NDArray[Any]) -> Ranker:
    """Trees from their nodes, put into the place of as many that learnt nothing."""
    names = tuple(facts["names"])
    columns = columns_of(names)
    model = HistGradientBoostingClassifier(max_iter=len(facts["lengths"]), early_stopping=False)
    with threadpool_limits(limits=1, user_api="openmp"):
        model.fit(np.zeros((2, len(columns))), np.array([False, True]))
    start = 0
    for (tree,), length in zip(model._predictors, facts["lengths"], strict=True):
        tree.nodes = nodes[start : start + length]
        start += length
    model._baseline_prediction = np.array([[facts["baseline"]]])
    return Ranker(model, names, columns)


def _from_frame(frame: pd.DataFrame) -> Bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return np.frombuffer(sink.getvalue(), np.uint8)


def _to_frame(content: Bytes) -> pd.DataFrame:
    frame: pd.DataFrame = pa.ipc.open_stream(pa.py_buffer(content)).read_all().to_pandas()
    return frame


def _from_array(values: npt.NDArray[Any]) -> Bytes:
    written = io.BytesIO()
    np.save(written, values, allow_pickle=False)
    return np.frombuffer(written.getvalue(), np.uint8)


def _to_array(content: Bytes) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = np.load(io.BytesIO(content.tobytes()), allow_pickle=False)
    return values


def _table(parts: Mapping[str, Bytes]) -> pa.Table:
    """Rows of at most `CHUNK` bytes: part, place, content."""
    tables = []
    for name, content in parts.items():
        ends = np.append(np.arange(0, len(content), CHUNK), len(content)).astype(np.int64)
        count = len(ends) - 1
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(content)]
        tables.append(
            pa.table(
                {
                    "part": pa.repeat(name, count),
                    "place": pa.array(np.arange(count), pa.int64()),
                    "content": pa.Array.from_buffers(pa.large_binary(), count, buffers),
                }
            )
        )
    return pa.concat_tables(tables)


def _joined(table: pa.Table) -> Bytes:
    """The bytes of all rows, one after the other."""
    return np.concatenate([_as_they_lie(chunk) for chunk in table.column("content").chunks])


def _as_they_lie(rows: pa.Array) -> Bytes:
    """The bytes of all rows as they lie in memory."""
    rows = rows.cast(pa.large_binary())
    _, ends, content = rows.buffers()
    at = np.frombuffer(ends, np.int64, len(rows) + 1, 8 * rows.offset)
    return np.frombuffer(content, np.uint8, int(at[-1] - at[0]), int(at[0]))
