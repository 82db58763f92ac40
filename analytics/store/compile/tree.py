"""An audience rule as one query: sqlglot trees with bound values, in the portable dialect.

Each condition on what customers did becomes a subquery of its own that returns each customer at
most once, joined to the features; each other audience becomes one too, however often it is used.
The uploaded attributes are read from a tall table, attributes(customer_id, name, value, number):
DuckDB and Spark write a path into JSON differently where a name has a quote or a full stop in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp, parse_one

from analytics.errors import AnalyticsError
from analytics.store.compile import rule as r

DAY_US = 86_400_000_000
MONEY_STEP = Decimal("0.0001")
COMPARISONS: dict[str, type[exp.Expr]] = {
    "is": exp.EQ,
    "is_not": exp.NEQ,
    "at_least": exp.GTE,
    "at_most": exp.LTE,
    "more_than": exp.GT,
    "less_than": exp.LT,
    "contains": exp.Contains,
    "starts_with": exp.StartsWith,
}
NEXT_MOMENT = "MIN(second_us) OVER (PARTITION BY customer_id ORDER BY place RANGE BETWEEN {} AND UNBOUNDED FOLLOWING)"  # noqa: E501


@dataclass(frozen=True)
class Query:
    """A compiled rule.

    Attributes:
        tree: It returns customer_id, sorted.
        params: The value of each `$name` in it.
    """

    tree: exp.Select
    params: dict[str, Any]

    @property
    def text(self) -> str:
        """The query as DuckDB reads it."""
        return self.tree.sql("duckdb", pretty=True)


def compile_rule(
    rule: r.Rule, audiences: Mapping[str, r.Rule], columns: Mapping[str, str], as_of: date
) -> Query:
    """The query of a rule.

    Args:
        rule: The rule.
        audiences: The rules of all audiences it refers to, in however many steps.
        columns: The columns of the features that may be compared, with their types.
        as_of: Only what happened before this day counts.

    Raises:
        AnalyticsError: It compares what is no feature, or refers to what is no audience.
    """
    compiler = _Compiler(audiences, columns, as_of)
    tree = compiler.customers(rule).order_by("f.customer_id", dialect="duckdb")
    for name, query in compiler.parts.items():
        tree = tree.with_(name, as_=query)
    return Query(tree, compiler.params)


class _Compiler:
    """What a query is made of so far: its subqueries and the values bound in it."""

    def __init__(
        self, audiences: Mapping[str, r.Rule], columns: Mapping[str, str], as_of: date
    ) -> None:
        self.params: dict[str, Any] = {}
        self.parts: dict[str, exp.Select] = {}
        self._audiences = audiences
        self._columns = columns
        self._as_of = as_of
        self._names: dict[r.Rule | tuple[str, str], str] = {}

    def customers(self, rule: r.Rule) -> exp.Select:
        """The customers who fulfil a rule."""
        joined: list[str] = []
        condition = self._condition(rule, joined)
        query = exp.select("f.customer_id").from_("features AS f")
        for name in dict.fromkeys(joined):
            query = query.join(name, on=f"{name}.customer_id = f.customer_id", join_type="left")
        return query.where(condition)

    def _condition(self, rule: r.Rule, joined: list[str]) -> exp.Expr:
        match rule:
            case r.All(parts):
                return exp.and_(exp.true(), *(self._condition(part, joined) for part in parts))
            case r.AnyOf(parts):
                return exp.or_(exp.false(), *(self._condition(part, joined) for part in parts))
            case r.Not(part):
                return exp.not_(self._condition(part, joined))
            case r.Feature(name, operator, values):
                return self._feature(name, operator, values)
            case r.Attribute(name, operator, values):
                named = self._part(("attribute", name), self._attribute)
                joined.append(named)
                numeric = bool(values) and not isinstance(values[0], str)
                column = exp.column("number" if numeric else "value", named)
                return self._comparison(column, operator, [*values])
        found = self._part(rule, self._set)
        joined.append(found)
        return exp.column("customer_id", found).is_(exp.null()).not_()

    def _part(self, what: Any, make: Any) -> str:
        """The name of a subquery, made only if it is not there yet."""
        if what not in self._names:
            query = make(what)
            self._names[what] = f"part_{len(self.parts)}"
            self.parts[self._names[what]] = query
        return self._names[what]

    def _bind(self, value: object) -> exp.Expr:
        """A value as a parameter; a number is bound as DOUBLE, a date as DATE."""
        name = f"p{len(self.params)}"
        self.params[name] = float(value) if type(value) is int else value
        return exp.Placeholder(this=name)

    def _day(self, day: date) -> exp.Expr:
        return exp.cast(self._bind(day), "date")

    def _whole(self, number: int) -> exp.Expr:
        return exp.Literal.number(int(number))

    def _feature(self, name: str, operator: r.Operator, values: Sequence[r.Value]) -> exp.Expr:
        if name not in self._columns:
            raise AnalyticsError(f"“{name}” is not known of customers.", "Choose another field.")
        exact = self._columns[name].startswith("DECIMAL")
        bound = [Decimal(str(one)).quantize(MONEY_STEP) if exact else one for one in values]
        return self._comparison(exp.column(name, "f", quoted=True), operator, bound)

    def _comparison(
        self, column: exp.Expr, operator: r.Operator, values: Sequence[object]
    ) -> exp.Expr:
        """A comparison that is false where anything is missing."""
        if operator in ("known", "unknown"):
            missing = column.is_(exp.null())
            return missing if operator == "unknown" else missing.not_()
        bound = [
            self._day(value) if isinstance(value, date) else self._bind(value) for value in values
        ]
        found: exp.Expr
        match operator:
            case "between":
                found = exp.Between(this=column, low=bound[0], high=bound[1])
            case "one_of":
                found = column.isin(*bound)
            case "not_one_of":
                found = column.isin(*bound).not_()
            case _:
                found = COMPARISONS[operator](this=column, expression=bound[0])
        return exp.Coalesce(this=found, expressions=[exp.false()])

    # Subqueries that return each customer at most once

    def _attribute(self, what: tuple[str, str]) -> exp.Select:
        named = exp.column("name").eq(self._bind(what[1]))
        return exp.select("customer_id", "value", "number").from_("attributes").where(named)

    def _set(self, rule: r.Rule) -> exp.Select:
        """The customers of a condition that is no comparison."""
        match rule:
            case r.Segment(names):
                inside = exp.column("segment").isin(*map(self._bind, names))
                return exp.select("customer_id").from_("scores").where(inside)
            case r.Cluster(numbers):
                inside = exp.column("cluster").isin(*map(self._whole, numbers))
                return exp.select("customer_id").from_("clusters").where(inside)
            case r.InList(name):
                person = "COALESCE(s.customer_id, l.customer_id) AS customer_id"
                return (
                    exp.select(person).distinct().from_("id_lists AS l")
                    .join("same_person AS s", on="s.other_id = l.customer_id", join_type="left")
                    .where(exp.column("name", "l").eq(self._bind(name)))
                )  # fmt: skip
            case r.InAudience(name):
                if name not in self._audiences:
                    raise AnalyticsError(
                        f"There is no audience “{name}”.", "Take the condition out, or save it."
                    )
                return self.customers(self._audiences[name])
            case r.Bought():
                return self._bought(rule)
            case r.Did(step, times, days):
                done = _acts("events", step.category is not None).where(
                    self._matches(step), *self._window(days)
                )
                return done.group_by("a.customer_id").having(
                    exp.Count(this=exp.Star()) >= self._whole(times)
                )
            case r.Sequence():
                return self._sequence(rule)
        raise TypeError(rule)

    def _window(self, days: int | None) -> list[exp.Expr]:
        day = exp.column("day", "a")
        before = [day < self._day(self._as_of)]
        if days is None:
            return [*before]
        return [*before, day >= self._day(_back(self._as_of, days))]

    def _matches(self, step: r.Step) -> exp.Expr:
        """Whether a row of events `a`, with its product `p`, is such a step."""
        asked = {
            exp.column("event", "a"): step.event,
            exp.column("product_id", "a"): step.product,
            exp.column("category", "p"): step.category,
            exp.column("channel", "a"): step.channel,
        }
        return exp.and_(
            *(column.eq(self._bind(value)) for column, value in asked.items() if value is not None)
        )

    def _bought(self, rule: r.Bought) -> exp.Select:
        by_category = rule.what == "category"
        orders = _acts("sales", by_category).where("a.is_order", *self._window(rule.days))
        if rule.first_day is not None:
            orders = orders.where(exp.column("day", "a") >= self._day(rule.first_day))
        if rule.last_day is not None:
            orders = orders.where(exp.column("day", "a") <= self._day(rule.last_day))
        if rule.what == "product":
            orders = orders.where(exp.column("product_id", "a").eq(self._bind(rule.name)))
        if by_category:
            orders = orders.where(exp.column("category", "p").eq(self._bind(rule.name)))
        many = exp.Count(this=exp.Distinct(expressions=[exp.column("order_id", "a")]))
        return orders.group_by("a.customer_id").having(many >= self._whole(rule.times))

    def _sequence(self, rule: r.Sequence) -> exp.Select:
        """For each first step the next moment of the second, found in one pass over the events."""
        twice = rule.first.event == rule.then.event
        marked = self._marked(rule, "events", "a.at_us", "a.event")
        if "purchase" in (rule.first.event, rule.then.event):
            moment = (
                f"CASE WHEN a.at_us % {DAY_US} = 0 THEN a.at_us + {DAY_US - 1} ELSE a.at_us END"
            )
            bought = self._marked(rule, "sales", moment, "'purchase'").where("a.is_order")
            marked = exp.union(marked, bought, distinct=False)  # type: ignore[assignment]
        place = "date_diff('day', CAST('1970-01-01' AS DATE), day)" if twice else "at_us"
        placed = exp.select("*", f"{place} AS place", dialect="duckdb").from_(
            marked.subquery("marked")
        )
        following = exp.alias_(
            parse_one(NEXT_MOMENT.format("1 FOLLOWING" if twice else "CURRENT ROW"), read="duckdb"),
            "next_us",
        )
        followed = exp.select("*", following).from_(placed.subquery("placed"))
        span = int(rule.within_days) * DAY_US
        over = exp.column("at_us") < self._whole(_moment(self._as_of) - span)
        too_late = f"next_us IS NULL OR next_us > at_us + {span}"
        reacted = f"next_us <= at_us + {span}"
        firsts = (
            exp.select("customer_id").distinct().from_(followed.subquery("followed"))
            .where("is_first", over, reacted if rule.happened else too_late)
        )  # fmt: skip
        if rule.days is not None:
            since = exp.column("day") >= self._day(_back(self._as_of, rule.days))
            firsts = firsts.where(since)
        return firsts

    def _marked(self, rule: r.Sequence, table: str, moment: str, event: str) -> exp.Select:
        """Rows of events or sales that are a first or a second step: when, and which."""
        kind = parse_one(event, read="duckdb")
        steps = []
        for step in (rule.first, rule.then):
            matches = self._matches(step)
            for column in list(matches.find_all(exp.Column)):
                if column.name == "event":
                    column.replace(kind.copy())
            steps.append(exp.Coalesce(this=matches, expressions=[exp.false()]))
        second = exp.Case(ifs=[exp.If(this=steps[1].copy(), true=parse_one(moment, read="duckdb"))])
        return (
            _acts(table, rule.first.category is not None or rule.then.category is not None)
            .select(
                "a.day", f"{moment} AS at_us", exp.alias_(steps[0].copy(), "is_first"),
                exp.alias_(second, "second_us"), dialect="duckdb",
            )
            .where(*self._window(None), exp.or_(*steps))
        )  # fmt: skip


def _acts(table: str, categories: bool) -> exp.Select:
    """What known customers did, `a`, each row with its product `p` where categories are asked."""
    acts = exp.select("a.customer_id").from_(f"{table} AS a").where("a.customer_id IS NOT NULL")
    if not categories:
        return acts
    return acts.join("products AS p", on="p.product_id = a.product_id", join_type="left")


def _back(day: date, days: int) -> date:
    """So many days earlier, at the earliest the first day there is."""
    return day - timedelta(days=min(days, (day - date.min).days))


def _moment(day: date) -> int:
    """The beginning of a day in microseconds since 1970."""
    return (day - date(1970, 1, 1)).days * DAY_US
