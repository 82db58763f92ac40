"""The part of DuckDB's dialect that means the same on Spark once sqlglot has translated it."""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

REFUSED: dict[type[exp.Expression], str] = {
    exp.PercentileCont: "takes a percentile",
    exp.PercentileDisc: "takes a percentile",
    exp.ApproxQuantile: "takes a percentile",
    exp.Quantile: "takes a percentile",
    exp.Median: "takes a median",
    exp.ArgMax: "uses arg_max",
    exp.ArgMin: "uses arg_min",
    exp.Array: "makes a list",
    exp.ArrayAgg: "makes a list",
    exp.GroupConcat: "makes a list",
    exp.Lambda: "works on a list",
    exp.ArraySort: "works on a list",
    exp.Explode: "works on a list",
    exp.Unnest: "works on a list",
    exp.Struct: "makes a struct",
    exp.GenerateSeries: "generates a series",
    exp.Log: "uses log() instead of ln()",
    exp.Ntile: "uses ntile, which parts ties",
    exp.TimeToUnix: "takes an epoch",
    exp.DayOfWeek: "takes a day of the week",
    exp.DayOfWeekIso: "takes a day of the week",
    exp.IntDiv: "divides whole numbers",
    exp.Rand: "draws at random",
    exp.CurrentDate: "reads the clock",
    exp.CurrentTimestamp: "reads the clock",
    exp.CurrentTime: "reads the clock",
    exp.First: "takes any row's value",
    exp.Last: "takes any row's value",
    exp.AnyValue: "takes any row's value",
    exp.Mode: "takes a mode, which leaves ties open",
    exp.TableSample: "draws at random",
}
REFUSED_NAMES = {
    "epoch_us": "takes an epoch",
    "epoch_ms": "takes an epoch",
    "epoch_ns": "takes an epoch",
    "weekday": "takes a day of the week",
    "date_part": "uses date_part",
    "date_sub": "uses date_sub",
    "now": "reads the clock",
    "today": "reads the clock",
    "quantile": "takes a percentile",
    "histogram": "makes a list",
}
REFUSED_EXTRACTS = ("EPOCH", "DOW", "ISODOW", "DAYOFWEEK", "WEEKDAY", "WEEK", "MILLISECOND")
MUST_BE_ORDERED = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.PercentRank,
    exp.CumeDist,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
)
ZONED = (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPLTZ, exp.DType.TIMETZ)


def to_spark(query: str) -> str:
    """The query in Spark's dialect.

    Raises:
        sqlglot.errors.UnsupportedError: Spark has no way to say it.
    """
    return sqlglot.transpile(
        query, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
    )[0]


def faults(query: str) -> list[str]:
    """What in a query may mean something else on Spark; empty if nothing does."""
    tree = sqlglot.parse_one(query, read="duckdb")
    return [fault for node in tree.walk() for fault in _faults_of(node)]


def parameters(query: str) -> set[str]:
    """The names bound with `$name`."""
    tree = sqlglot.parse_one(query, read="duckdb")
    return {node.name for node in tree.find_all(exp.Placeholder, exp.Parameter)}


def tables(query: str) -> set[str]:
    """The tables a query reads that it does not make itself."""
    tree = sqlglot.parse_one(query, read="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {node.name for node in tree.find_all(exp.Table)} - own


def _faults_of(node: exp.Expression) -> Iterator[str]:
    if type(node) in REFUSED:
        yield f"{REFUSED[type(node)]}: {node.sql('duckdb')}"
    match node:
        case exp.Anonymous():
            name = node.name.lower()
            if name in REFUSED_NAMES or name.startswith(("list_", "array_", "quantile_")):
                yield f"{REFUSED_NAMES.get(name, f'uses {name}')}: {node.sql('duckdb')}"
        case exp.DateDiff():
            if node.text("unit").upper() != "DAY":
                yield f"counts periods other than days: {node.sql('duckdb')}"
            if not (_is_date(node.this) and _is_date(node.expression)):
                yield f"counts days between what may be no dates: {node.sql('duckdb')}"
        case exp.Extract() if node.name.upper() in REFUSED_EXTRACTS:
            yield f"extracts {node.name.lower()}: {node.sql('duckdb')}"
        case exp.Join() if node.text("method").upper() == "ASOF":
            yield f"joins ASOF: {node.sql('duckdb')}"
        case exp.Div():
            if not _cannot_be_zero(node.expression):
                yield f"may divide by zero: {node.sql('duckdb')}"
            if not _is_double(node.this):
                yield f"divides what is not cast to DOUBLE: {node.sql('duckdb')}"
        case exp.Mod() if not _cannot_be_zero(node.expression):
            yield f"may divide by zero: {node.sql('duckdb')}"
        case exp.Window():
            function = node.this.find(*MUST_BE_ORDERED)
            if function is not None and not node.args.get("order"):
                yield f"numbers rows in no order: {node.sql('duckdb')}"
        case exp.Sum() if _is_double(node.this):
            yield f"sums doubles: {node.sql('duckdb')}"
        case exp.Cast() if node.to.this in ZONED:
            yield f"casts to a time with a zone: {node.sql('duckdb')}"
        case exp.Limit() if not node.parent or not node.parent.args.get("order"):
            yield f"limits rows in no order: {node.sql('duckdb')}"


def _is_date(node: exp.Expression) -> bool:
    """Whether it is a date for sure; columns named `day` or `…_day` are dates by convention."""
    match node:
        case exp.Cast():
            return node.to.this == exp.DType.DATE
        case exp.Column():
            return node.name == "day" or node.name.endswith("_day")
        case exp.Case():
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            if node.args.get("default") is not None:
                branches.append(node.args["default"])
            return all(_is_date(branch) for branch in branches)
        case exp.Coalesce():
            return all(_is_date(part) for part in (node.this, *node.expressions))
        case exp.Max() | exp.Min() | exp.Paren() | exp.Window() | exp.Lag() | exp.Lead():
            return _is_date(node.this)
    return False


def _is_double(node: exp.Expression) -> bool:
    """Whether a cast to DOUBLE decides its type."""
    match node:
        case exp.Cast():
            return node.to.this == exp.DType.DOUBLE
        case exp.Mul() | exp.Add() | exp.Sub() | exp.Div():
            return _is_double(node.this) or _is_double(node.expression)
        case exp.Case():
            return any(_is_double(branch.args["true"]) for branch in node.args["ifs"])
        case exp.Sqrt() | exp.Ln() | exp.Exp() | exp.Pow():
            return True
        case exp.Paren() | exp.Neg() | exp.Abs() | exp.Window() | exp.Sum() | exp.Max() | exp.Min():
            return _is_double(node.this)
    return False


def _cannot_be_zero(node: exp.Expression) -> bool:
    match node:
        case exp.Literal():
            return float(node.name) != 0
        case exp.Nullif():
            return node.expression.name == "0"
        case exp.Cast() | exp.Paren() | exp.Sqrt():
            return _cannot_be_zero(node.this)
        case exp.Mul():
            return _cannot_be_zero(node.this) and _cannot_be_zero(node.expression)
    return False
