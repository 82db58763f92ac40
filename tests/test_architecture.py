"""The house keeps its shape: who imports whom, how pages open, what a query file may say."""

import ast
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from analytics import profile
from analytics.store import Store
from analytics.store.schema import TABLES
from tests.portable_sql import faults, parameters, tables, to_spark

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "pages").glob("*.py"))
ENTRIES = [path for path in (ROOT / "app.py", *PAGES) if path.exists()]
SHARED = [ROOT / "ui" / "__init__.py"]
ROOMS = [path for path in sorted((ROOT / "ui").glob("*.py")) if path not in SHARED]
METHODS = sorted(
    path for path in (ROOT / "analytics").rglob("*.py") if "__pycache__" not in path.parts
)
QUERIES = sorted((ROOT / "analytics" / "store" / "sql").glob("*.sql"))

PAIRS = {
    *{("campaign", "experiment"), ("recommend", "experiment")},
    ("propensity", "journeys"),
    *{("stock", "forecast"), ("clusters", "rfm"), ("recommend", "rfm"), ("propensity", "rfm")},
}
"""Methods whose subject is another method; models and audiences may also use `profile`."""
MODELS = {
    *("clusters", "lifetime", "propensity", "recommend", "forecast", "audience", "campaign"),
}
SQL_TEXT = re.compile(
    r"^\s*(SELECT\b.*\bFROM\b|WITH\b.*\bSELECT\b|INSERT INTO|DELETE FROM|UPDATE \w+ SET|"
    r"(CREATE|DROP|ALTER) (OR REPLACE )?(TEMP )?(TABLE|VIEW)\b)",
    re.DOTALL,
)
LONGEST_MODULE, LONGEST_PAGE = 360, 100


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, in full."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            found |= {node.module or ""}
            if node.module in ("analytics", "analytics.store"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part_of(path: Path) -> str:
    """`store`, `charts`, `rfm`, …: the part of `analytics` a file belongs to."""
    inner = path.relative_to(ROOT / "analytics").parts
    return inner[0].removesuffix(".py") if inner[0] != "__init__.py" else ""


def parts_imported(path: Path) -> set[str]:
    """The other parts of `analytics` a file imports."""
    found = {name.split(".")[1] for name in imports_of(path) if name.startswith("analytics.")}
    return found - {part_of(path), "__version__"}


@pytest.mark.parametrize("path", METHODS, ids=name_of)
def test_method_modules_import_only_what_they_may(path: Path) -> None:
    part = part_of(path)
    allowed = {
        "": set(),
        "errors": set(),
        "pytorch": set(),
        "store": {"errors"},
        "evaluate": {"errors", "store"},
    }.get(part, {"errors", "evaluate", "pytorch", "store"})
    allowed = allowed | {other for subject, other in PAIRS if subject == part}
    if part in MODELS:
        allowed |= {"profile"}
    assert parts_imported(path) <= allowed
    assert not {name.split(".")[0] for name in imports_of(path)} & {"ui", "app", "pages"}


@pytest.mark.parametrize("path", [*METHODS, *SHARED, *ROOMS, *ENTRIES], ids=name_of)
def test_libraries_stay_where_they_belong(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(path)}
    inside = path.is_relative_to(ROOT / "analytics")
    part = part_of(path) if inside else None
    assert "streamlit" not in roots or not inside
    assert "plotly" not in roots or part == "charts"
    assert not roots & {"duckdb", "pyspark", "sqlglot"} or part == "store"


@pytest.mark.parametrize("path", [*SHARED, *ROOMS, *ENTRIES], ids=name_of)
def test_pages_import_only_ui_and_analytics_of_ours(path: Path) -> None:
    ours = {name.split(".")[0] for name in imports_of(path)} & {
        *("app", "ui", "pages", "tests", "sample_data", "benchmarks"),
        *(page.stem for page in PAGES),
    }
    assert ours <= (set() if path in SHARED else {"ui"})


@pytest.mark.parametrize(
    "path", [p for p in METHODS if part_of(p) != "store"] + SHARED + ROOMS + ENTRIES, ids=name_of
)
def test_sql_is_written_only_in_the_store(path: Path) -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if SQL_TEXT.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT customer_id FROM orders",
        "\n    WITH a AS (SELECT 1) SELECT * FROM a",
        "INSERT INTO orders VALUES (1)",
        "DELETE FROM orders",
        "UPDATE orders SET amount = 0",
        "CREATE OR REPLACE TEMP VIEW a AS",
    ],
)
def test_sql_is_recognised(text: str) -> None:
    assert SQL_TEXT.search(text)


def is_frame(node: ast.stmt) -> bool:
    """Whether a statement is `with ui.page(...)`."""
    return isinstance(node, ast.With) and any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == "page"
        and isinstance(item.context_expr.func.value, ast.Name)
        and item.context_expr.func.value.id == "ui"
        for item in node.items
    )


def unframed(source: str) -> list[str]:
    """The statements of a page that would run before or beside its frame."""
    body = ast.parse(source).body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    loose = []
    for node in body:
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        constant = isinstance(node, ast.Assign | ast.AnnAssign) and not used & {"st", "ui"}
        literal = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (isinstance(node, quiet) or is_frame(node) or constant or literal):
            loose.append(ast.unparse(node))
    return loose


@pytest.mark.parametrize("path", ENTRIES, ids=name_of)
def test_every_page_is_framed(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert sum(is_frame(node) for node in ast.parse(source).body) == 1
    assert unframed(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import streamlit as st\nst.title('before the gate')\nwith ui.page('A'):\n    pass",
        "customers = ui.store().query('customers')\nwith ui.page('A'):\n    pass",
        "if True:\n    with ui.page('A'):\n        pass",
    ],
)
def test_a_statement_outside_the_frame_is_noticed(source: str) -> None:
    assert unframed(source) != []


def menu_paths(source: str) -> list[str]:
    """The files that the menu lists."""
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "MENU" for target in targets):
            return [
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant)
                and isinstance(part.value, str)
                and part.value.endswith(".py")
            ]
    return []


@pytest.mark.parametrize("path", SHARED, ids=name_of)
def test_the_menu_lists_every_page_once_and_nothing_else(path: Path) -> None:
    listed = menu_paths(path.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(name_of(entry) for entry in ENTRIES)


# Query files

HEADER = re.compile(
    r"\A-- One row: .+?\n-- Columns: (?P<columns>.+?)\n-- Parameters: (?P<parameters>.+)\Z",
    re.DOTALL,
)
VALUES: dict[str, object] = {
    "as_of": date(2024, 6, 1),
    "from_day": date(2024, 1, 1),
    "until_day": date(2024, 6, 1),
    "batch_id": 1,
    "segment": None,
    "r": None,
    "fm": None,
    "limit": 10,
    "offset": 0,
    "customer_id": "anna",
    "product_id": "tea",
    "by": "category",
    "part": "facts",
    "text": "a",
    "kind": None,
    "start": date(2024, 1, 1),
    "end": date(2024, 6, 1),
    "cluster": None,
    "list_name": "vip",
    "experiment": "spring",
    "variant": None,
    "window_days": None,
    "retention_days": 7,
    "with_orders": True,
    "is_first": True,
    "campaign_id": "c1",
    "round_id": "r1",
    "cap_days": 30,
    "least": 1,
    "others": 1,
    "within_days": 30,
    "overdue_times": 2.0,
    "shorter_share": 0.9,
    "chance_share": 0.1,
    "good": "all",
    "least_revenue": 1.0,
    "last_day": date(2024, 3, 1),
    "item_1": "tea",
    "item_2": None,
    "without": "pot",
    "baskets": 100,
    "category": "drinks",
    "unit": "customer",
    "named": True,
    "purchases": "order",
    "window_us": 7 * 86_400_000_000,
    "attribution": "first",
    "order": "sequential",
    "steps": 5,
    "place": 1,
    "completed": True,
    "value": None,
    "event": "view",
    "next_event": None,
    "from_event": "view",
    "to_event": None,
    "fate": "left",
    "action": "buy",
    "lookback_us": 30 * 86_400_000_000,
    "channel": None,
    "campaign": None,
    "begins": "first_order",
    "every": "month",
    "counts": "orders",
    "cohort": None,
    "step": 1,
    "later": False,
    "came": False,
    "still": None,
    "days": 90,
}
"""A value for each parameter that a query file may take."""

SCORES = pa.table(
    {
        "customer_id": ["anna", "ben"],
        "recency_days": pa.array([92, 112], pa.int64()),
        "frequency": pa.array([2, 1], pa.int64()),
        "monetary": pa.array([46, 0], pa.decimal128(38, 4)),
        "r": pa.array([5, 1], pa.int64()),
        "f": pa.array([5, 1], pa.int64()),
        "m": pa.array([5, 1], pa.int64()),
        "fm": pa.array([5, 1], pa.int64()),
        "segment": ["Champions", "Lost"],
    }
)
CALENDAR = pa.table(
    {
        "step": pa.array([0, 1], pa.int64()),
        "day": pa.array([date(2024, 3, 1), date(2024, 2, 10)], pa.date32()),
        "weekend": pa.array([False, True], pa.bool_()),
    }
)
TYPE_OF_KIND = {
    "number": pa.float64(),
    "share": pa.float64(),
    "money": pa.decimal128(38, 4),
    "text": pa.string(),
    "flag": pa.bool_(),
    "day": pa.date32(),
}
FEATURES = pa.table(
    {
        "customer_id": ["anna", "ben"],
        **{each.name: pa.nulls(2, TYPE_OF_KIND[each.kind]) for each in profile.FEATURES},
        "orders": pa.array([2, 1], pa.int64()),
        "revenue": pa.array([46, 0], pa.decimal128(38, 4)),
        "attributes": ["{}", None],
    }
)
CLUSTERS = pa.table(
    {
        "customer_id": ["anna", "ben"],
        "cluster": pa.array([1, 2], pa.int64()),
        "name": ["Regulars", "One-timers"],
        "confidence": [0.9, 0.5],
        "x": [0.0, 1.0],
        "y": [0.0, 1.0],
    }
)
PLACES = pa.table({"customer_id": ["anna", "ben"], "product_id": ["tea", "cup"], "place": [0, 1]})
HANDED = {
    "steps": pa.table(
        {
            "row_no": pa.array([0, 1], pa.int64()),
            "place": pa.array([1, 2], pa.int64()),
            "role": ["step", "step"],
            "event": ["view", "purchase"],
            **{
                name: pa.nulls(2, pa.string())
                for name in ("channel", "campaign", "product_id", "category")
            },
            "gap_us": pa.array([0, 0], pa.int64()),
        }
    ),
    "usual": pa.table({"event": ["view", "cart"], "place": pa.array([0, 1], pa.int64())}),
    "reached": pa.table(
        {
            "customer_id": ["anna", "anna"],
            "session": ["", ""],
            "value": ["", ""],
            "place": pa.array([1, 2], pa.int64()),
            "step": ["view", "purchase"],
            "reached_at": pa.array([0, 1], pa.timestamp("us")),
            "hours": [0.0, 1.0],
        }
    ),
    "moves": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "session": ["s1", "s3"],
            "place": pa.array([0, 0], pa.int64()),
            "event": ["view", "view"],
            "next_event": ["cart", None],
            "day": pa.array([date(2024, 1, 5)] * 2, pa.date32()),
        }
    ),
    "carts": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "products": pa.array([1, 1], pa.int64()),
            "value": pa.array([46, None], pa.decimal128(38, 4)),
            "dearest": ["Tea", None],
            "fate": ["left", "bought"],
            "cart_at": pa.array([0, 1], pa.timestamp("us")),
        }
    ),
    "touched": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "number": pa.array([1, 2], pa.int64()),
            "is_new": [True, True],
            "revenue": pa.array([46, 0], pa.decimal128(38, 4)),
            "channel": ["mail", None],
            "campaign": pa.nulls(2, pa.string()),
            "age_us": pa.array([1, None], pa.int64()),
            "place": pa.array([1, 1], pa.int64()),
            "touches": pa.array([1, 0], pa.int64()),
        }
    ),
    "calendar": CALENDAR,
    "scores": SCORES,
    "earlier": SCORES,
    "later": SCORES,
    "features": FEATURES,
    "clusters": CLUSTERS,
    "traits": pa.table(
        {
            "cluster": pa.array([1, 2], pa.int64()),
            "feature": ["orders", "orders"],
            "label": ["Orders", "Orders"],
            "unit": ["orders", "orders"],
            "median": [2.0, 1.0],
            "shop_median": [1.5, 1.5],
            "difference": [1.0, -1.0],
        }
    ),
    "picked": CLUSTERS.select(["customer_id"]),
    "again": pa.table({"fingerprint": pa.array([1, 2], pa.uint64())}),
    "listed": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "opted_out": [False, True],
            "value": pa.array([46, 0], pa.decimal128(38, 4)),
        }
    ),
    "members": SCORES.select(["customer_id", "segment"]),
    "chosen": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "offer": ["5 off", "5 off"],
            "expected_margin": [3.2, 4.0],
            "cost": [5.0, 5.0],
        }
    ),
    "people": PLACES.select(["customer_id", "place"]),
    "things": PLACES.select(["product_id", "place"]),
    "signals": pa.table({"signal": ["purchase", "view"], "thousandths": [1000, 100]}),
    "recommendations": pa.table(
        {
            "customer_id": ["anna", "anna"],
            "rank": [1, 2],
            "product_id": ["tea", "cup"],
            "score": [0.5, None],
            "source": ["method", "popular"],
        }
    ),
    "recommend_model": pa.table(
        {
            "part": ["facts", "facts"],
            "place": pa.array([0, 1], pa.int64()),
            "content": pa.array([b"{", b"}"], pa.large_binary()),
        }
    ),
    "launch": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "rank": [1, 2],
            "score": [1.5, 0.5],
            "reason": ["They bought tea.", "They bought a cup."],
        }
    ),
    "newcomers": pa.table(
        {
            "group": ["few", "few"],
            "method": ["interest", "popular"],
            "label": ["The like", "Best sellers"],
            "customers": pa.array([40, 40], pa.int64()),
            "ndcg": [0.2, 0.1],
            "lead": [0.1, None],
            "lead_lo": [0.05, None],
            "lead_hi": [0.15, None],
        }
    ),
    "recommended_by": pa.table(
        {"method": ["als", "als"], "label": ["ALS", "ALS"], "verdict": ["It won.", "It won."]}
    ),
    "lines": pa.table(
        {
            "basket_id": ["1", "1"],
            "customer_id": ["anna", "anna"],
            "day": pa.array([date(2024, 1, 5)] * 2, pa.date32()),
            "item": ["tea", "cup"],
        }
    ),
    "held": pa.table({"shorter": [0, 1], "basket": [1, 1]}),
    "longer": pa.table({"number": [0, 1], "shorter": [0, 1], "item": [1, 2]}),
    "baskets": pa.table(
        {
            "basket": pa.array([0, 0], pa.int64()),
            "item": pa.array([0, 1], pa.int64()),
            "customer": pa.array([0, 0], pa.int64()),
            "day": pa.array([date(2024, 1, 5)] * 2, pa.date32()),
        }
    ),
    "candidates": pa.table(
        {
            "candidate": pa.array([0, 0], pa.int64()),
            "place": pa.array([1, 2], pa.int64()),
            "item": pa.array([0, 1], pa.int64()),
        }
    ),
    "cart": pa.table({"item": ["tea", "cup"]}),
    "channel_kinds": pa.table({"channel": ["web", "store"], "is_store": [False, True]}),
    "measures": pa.table(
        {
            "metric": pa.array([0, 1], pa.int64()),
            "value": ["revenue", "a"],
            "denominator": ["orders", "b"],
        }
    ),
    "predictions": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "probability": [0.6, 0.2],
            "place": pa.array([1, 10], pa.int64()),
            "because": ["Orders: 2 orders", None],
        }
    ),
    "next_actions": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "action": ["buy", "buy"],
            "probability": [0.6, 0.2],
            "next_category": ["drinks", None],
            "last_action": ["cart", "view"],
            "last_at": pa.array([0, 1], pa.timestamp("us")),
            "away": [True, False],
        }
    ),
    "spending": pa.table({"customer_id": ["anna", "ben"], "expected_revenue": [20.0, 5.0]}),
    "next_orders": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "expected_gap_days": [20.0, 30.0],
            "gaps": pa.array([1, 2], pa.int64()),
            "last_order_day": pa.array([date(2024, 3, 1)] * 2, pa.date32()),
            "wait_days": pa.array([60, 120], pa.int64()),
            "overdue_times": [3.0, 4.0],
            "shorter_share": [0.95, 0.99],
            "chance_share": [0.5, 0.2],
            "next_order_day": pa.array([date(2024, 6, 9)] * 2, pa.date32()),
            "lo_day": pa.array([date(2024, 6, 2)] * 2, pa.date32()),
            "hi_day": pa.array([date(2024, 6, 20)] * 2, pa.date32()),
            "orders": pa.array([2, 3], pa.int64()),
            "revenue": pa.array([46, 50], pa.decimal128(38, 4)),
        }
    ),
    "reasons": pa.table(
        {
            "customer_id": ["anna", "anna"],
            "place": pa.array([0, 1], pa.int64()),
            "feature": ["start", "orders"],
            "log_odds": [-1.0, 0.4],
            "value": [None, 2.0],
            "text": pa.nulls(2, pa.string()),
        }
    ),
    "report": pa.table({"content": ["{}", "{}"]}),
    "activity": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "start_day": pa.array([date(2024, 1, 5), date(2024, 2, 10)], pa.date32()),
            "cohort": pa.array([24288, 24289], pa.int64()),
            "part": ["facts", "facts"],
            "period": pa.array([0, 0], pa.int64()),
            "came": pa.array([1, 1], pa.int64()),
            "orders": pa.array([1, 1], pa.int64()),
            "revenue": pa.array([16, 0], pa.decimal128(38, 4)),
        }
    ),
    "worth": pa.table(
        {
            "customer_id": ["anna", "ben"],
            "first_order_day": pa.array([date(2024, 1, 5), date(2024, 2, 10)], pa.date32()),
            "last_order_day": pa.array([date(2024, 3, 1), date(2024, 2, 10)], pa.date32()),
            "orders_so_far": pa.array([2, 1], pa.int64()),
            "spent_so_far": [46.25, 0.0],
            "still_customer_share": [0.9, None],
            **{
                f"{measure}_next_{days}_days{edge}": [1.0, 0.5]
                for days in (30, 90, 365)
                for measure in ("orders", "revenue")
                for edge in ("", "_at_least", "_at_most")
            },
        }
    ),
    "slots": pa.table(
        {"event": ["view", "cart"], "slot": ["a", "b"], "counted": ["count", "answers"]}
    ),
}
"""A small table for each that a query file may be handed."""

STORE_TABLES = {
    *TABLES,
    *(table.lines for table in TABLES.values()),
    *("batches", "policy", "rates", "suppressed", "order_fates", "sales", "opted_out", "moments"),
    *("audiences", "id_lists", "same_person", "campaigns", "campaign_members", "campaign_people"),
    *("experiment_plans", "outside_tests", "stock_outs"),
    *("feedback", "rounds", "round_members", "round_lists", "round_people"),
}


def header_of(text: str) -> str:
    """The comment a query file begins with."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line)
    return "\n".join(lines)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def handed_to(text: str) -> set[str]:
    return tables(text) - STORE_TABLES


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.name)
class TestQueryFile:
    """What holds of every query file."""

    def test_says_what_it_returns_and_takes(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        header = HEADER.match(header_of(text))
        assert header, "the header names the row, the columns and the parameters"
        named = set(re.findall(r"\$(\w+)", header["parameters"]))
        assert named == parameters(text)
        assert handed_to(text) <= words_of(header["parameters"])
        assert named or "none" in header["parameters"]

    def test_runs_on_an_empty_store(self, path: Path, store: Store) -> None:
        columns = self.columns(path, store, rows=0)
        header = HEADER.match(header_of(path.read_text(encoding="utf-8")))
        assert header
        every = words_of(header["columns"])
        if "every field of orders" in header["columns"]:
            every |= set(TABLES["orders"].names)
        assert set(columns) <= every, "the header names every column"

    def test_runs_on_a_filled_store(self, path: Path, small_shop: Store) -> None:
        assert self.columns(path, small_shop, rows=2)

    @staticmethod
    def columns(path: Path, store: Store, rows: int) -> list[str]:
        text = path.read_text(encoding="utf-8")
        found = store.arrow(
            path.stem,
            tables={name: HANDED[name].slice(0, rows) for name in handed_to(text)},
            **{name: VALUES[name] for name in parameters(text)},
        )
        names: list[str] = found.column_names
        return names

    def test_is_portable(self, path: Path) -> None:
        twin = path.with_suffix(".spark.sql")
        if twin.exists() or path.name.endswith(".spark.sql"):
            pytest.skip("It has a twin for Spark.")
        text = path.read_text(encoding="utf-8")
        assert faults(text) == []
        assert to_spark(text)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("SELECT date_diff('month', CAST(a AS DATE), day) FROM t", "other than days"),
        ("SELECT date_diff('hour', CAST(a AS DATE), day) FROM t", "other than days"),
        ("SELECT date_diff('day', ordered_at, day) FROM t", "may be no dates"),
        ("SELECT date_diff('day', day, MAX(ordered_at)) FROM t", "may be no dates"),
        ("SELECT quantile_cont(a, 0.5) FROM t", "percentile"),
        ("SELECT quantile_disc(a, 0.5) FROM t", "percentile"),
        ("SELECT quantile(a, 0.5) FROM t", "percentile"),
        ("SELECT approx_quantile(a, 0.5) FROM t", "percentile"),
        ("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t", "percentile"),
        ("SELECT median(a) FROM t", "median"),
        ("SELECT mode(a) FROM t", "mode"),
        ("SELECT arg_max(a, b) FROM t", "arg_max"),
        ("SELECT arg_min(a, b) FROM t", "arg_min"),
        ("SELECT max_by(a, b) FROM t", "arg_max"),
        ("SELECT any_value(a) FROM t", "any row"),
        ("SELECT * FROM a ASOF JOIN b ON a.x >= b.x", "ASOF"),
        ("SELECT [1, 2]", "list"),
        ("SELECT list(a) FROM t", "list"),
        ("SELECT array_agg(a) FROM t", "list"),
        ("SELECT string_agg(a, ',') FROM t", "list"),
        ("SELECT list_value(1)", "list"),
        ("SELECT list_sort(a) FROM t", "list"),
        ("SELECT unnest(a) FROM t", "list"),
        ("SELECT {'a': 1}", "struct"),
        ("SELECT * FROM generate_series(1, 3)", "series"),
        ("SELECT * FROM range(3)", "series"),
        ("SELECT log(a) FROM t", "log"),
        ("SELECT log10(a) FROM t", "log"),
        ("SELECT ntile(5) OVER (ORDER BY a) FROM t", "ntile"),
        ("SELECT row_number() OVER () FROM t", "no order"),
        ("SELECT row_number() OVER (PARTITION BY a) FROM t", "no order"),
        ("SELECT lag(a) OVER (PARTITION BY b) FROM t", "no order"),
        ("SELECT a FROM t LIMIT 5", "no order"),
        ("SELECT extract(epoch FROM a) FROM t", "epoch"),
        ("SELECT epoch(a) FROM t", "epoch"),
        ("SELECT epoch_us(a) FROM t", "epoch"),
        ("SELECT extract(dow FROM a) FROM t", "dow"),
        ("SELECT extract(isodow FROM a) FROM t", "dow"),
        ("SELECT dayofweek(a) FROM t", "week"),
        ("SELECT isodow(a) FROM t", "week"),
        ("SELECT date_part('dow', a) FROM t", "date_part"),
        ("SELECT a / b FROM t", "divide by zero"),
        ("SELECT CAST(a AS DOUBLE) / b FROM t", "divide by zero"),
        ("SELECT a / NULLIF(b, 0) FROM t", "not cast to DOUBLE"),
        ("SELECT a // NULLIF(b, 0) FROM t", "whole numbers"),
        ("SELECT a % b FROM t", "divide by zero"),
        ("SELECT SUM(CAST(amount AS DOUBLE)) FROM t", "sums doubles"),
        ("SELECT CAST(a AS TIMESTAMPTZ) FROM t", "zone"),
        ("SELECT now()", "clock"),
        ("SELECT today()", "clock"),
        ("SELECT current_date", "clock"),
        ("SELECT current_timestamp", "clock"),
        ("SELECT random()", "random"),
        ("SELECT a FROM t USING SAMPLE 10", "random"),
    ],
)
def test_the_lint_refuses(query: str, fault: str) -> None:
    assert any(fault in found for found in faults(query)), faults(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT date_diff('day', CAST(a AS DATE), CAST($as_of AS DATE)) FROM t",
        "SELECT date_diff('day', MIN(day), MAX(CASE WHEN b THEN day END)) FROM t",
        "SELECT date_diff('day', lag(day) OVER (PARTITION BY a ORDER BY day, b), day) FROM t",
        "SELECT CAST(a AS DOUBLE) / NULLIF(b, 0), CAST(a AS DOUBLE) / 7 FROM t",
        "SELECT CAST(SUM(a) AS DOUBLE) / NULLIF(SUM(b), 0), a % 7, ln(a) FROM t",
        "SELECT row_number() OVER (PARTITION BY a ORDER BY b, c) FROM t",
        "SELECT SUM(a) OVER (PARTITION BY b), extract(year FROM day) * 12 FROM t",
        "SELECT a FROM t ORDER BY a LIMIT 5",
    ],
)
def test_the_lint_lets_pass(query: str) -> None:
    assert faults(query) == []
    assert to_spark(query)


# Size


@pytest.mark.parametrize("path", [*METHODS, *SHARED, *ROOMS, *ENTRIES], ids=name_of)
def test_no_file_outgrows_the_house(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (LONGEST_PAGE if path in PAGES else LONGEST_MODULE)
