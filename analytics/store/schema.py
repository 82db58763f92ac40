"""The shop's tables: their fields, units and how they are kept.

Each table `orders`, `events`, … is what all imports add up to. The imports' own rows lie in
`orders_lines`, `events_lines`, …, one row a record of the file, unreadable records included.
"""

from dataclasses import dataclass
from typing import Literal

from analytics.store.synonyms import SYNONYMS

Kind = Literal[
    "id", "text", "money", "number", "integer", "time", "date", "flag", "status", "event"
]

SQL_TYPE: dict[Kind, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "money": "DECIMAL(18,4)",
    "number": "DECIMAL(18,4)",
    "integer": "BIGINT",
    "time": "TIMESTAMP",
    "date": "DATE",
    "flag": "BOOLEAN",
    "status": "VARCHAR",
    "event": "VARCHAR",
}

CHOICES: dict[str, tuple[str, ...]] = {
    "status": ("paid", "refunded", "cancelled", "test"),
    "state": (
        *("sale", "free", "return", "cancelled_invoice"),
        *("test", "cancelled", "rejected", "duplicate"),
    ),
}
"""Columns that hold one of a few words. The imports' own rows keep them as the word's number,
which is written in a third of the time; queries see words."""


def choice_type(name: str) -> str:
    """The SQL type of a column that holds one of a few words."""
    return f"ENUM({', '.join(repr(word) for word in CHOICES[name])})"


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Attributes:
        name: The column, with its unit where it has one.
        kind: What its text is converted to.
        label: What a marketer calls it.
        required: Whether a file without it cannot be read as this table.
    """

    name: str
    kind: Kind
    label: str
    required: bool = False

    @property
    def sql_type(self) -> str:
        """Its type in the store."""
        return SQL_TYPE[self.kind]

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Headers it goes by, lower case, letters and digits only."""
        return (self.name.replace("_", ""), *SYNONYMS.get(self.name, ()))


def stored_type(field: Field) -> str:
    """A field's type in the imports' own rows."""
    return choice_type(field.name) if field.name in CHOICES else field.sql_type


@dataclass(frozen=True)
class Table:
    """One table of the shop.

    Attributes:
        name: Its name in the store.
        about: What one row is.
        fields: Its columns in order.
        clock: The field that dates a row, if any.
        key: For tables in which a later row replaces an earlier one: what identifies a row.
        either: Pairs (field, fields that can stand in for it).
        attributes: Whether unmapped columns are kept as attributes.
        also: What else its files tell: for a table keyed by an id, fields of that table.
    """

    name: str
    about: str
    fields: tuple[Field, ...]
    clock: str | None = None
    key: tuple[str, ...] = ()
    either: tuple[tuple[str, tuple[str, ...]], ...] = ()
    attributes: bool = False
    also: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def title(self) -> str:
        """What people call it, as in `Stock levels`."""
        return self.name.replace("_", " ").capitalize()

    @property
    def lines(self) -> str:
        """The table of the imports' own rows."""
        return f"{self.name}_lines"

    @property
    def is_latest(self) -> bool:
        """Whether it holds the newest known values of each id, rather than all rows."""
        return self.key == (self.names[0],)

    @property
    def names(self) -> list[str]:
        """The field names in order."""
        return [field.name for field in self.fields]

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)

    def missing(self, mapped: set[str]) -> list[Field]:
        """The required fields that neither stand in `mapped` nor can be worked out from it."""
        stand_in = {name for name, parts in self.either if set(parts) <= mapped}
        return [
            field
            for field in self.fields
            if field.required and field.name not in mapped and field.name not in stand_in
        ]


CUSTOMER = Field("customer_id", "id", "Customer", required=True)
CHANNEL = Field("channel", "text", "Channel")
CITY = Field("city", "text", "City")
COUNTRY = Field("country", "text", "Country")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "orders",
            "one order line",
            (
                Field("order_id", "id", "Order number", required=True),
                Field("line_no", "integer", "Line of the order"),
                Field("customer_id", "id", "Customer"),
                Field("ordered_at", "time", "Ordered at", required=True),
                Field("product_id", "id", "Product"),
                Field("quantity", "number", "Quantity"),
                Field("unit_price", "money", "Unit price"),
                Field("discount", "money", "Discount"),
                Field("amount", "money", "Line total", required=True),
                Field("refunded", "money", "Refunded"),
                Field("status", "status", "Status"),
                Field("currency", "text", "Currency"),
                CHANNEL,
                Field("coupon", "text", "Coupon"),
                CITY,
                COUNTRY,
            ),
            clock="ordered_at",
            either=(
                ("amount", ("quantity", "unit_price")),
                ("order_id", ("customer_id", "ordered_at")),
            ),
            also=(
                ("products", ("name", "category", "brand")),
                ("customers", ("name", "email", "phone", "city", "country")),
            ),
        ),
        Table(
            "events",
            "one thing a visitor did",
            (
                CUSTOMER,
                Field("session_id", "id", "Session"),
                Field("occurred_at", "time", "Occurred at", required=True),
                Field("event", "event", "Event", required=True),
                Field("product_id", "id", "Product"),
                CHANNEL,
                Field("campaign", "text", "Campaign"),
                Field("value", "money", "Value"),
            ),
            clock="occurred_at",
            also=(("products", ("name", "category", "brand")),),
        ),
        Table(
            "customers",
            "one customer",
            (
                CUSTOMER,
                Field("email", "text", "E-mail"),
                Field("phone", "text", "Phone"),
                Field("name", "text", "Name"),
                Field("signed_up_at", "time", "Signed up at"),
                Field("birth_date", "date", "Birth date"),
                Field("age", "number", "Age in years"),
                Field("gender", "text", "Gender"),
                CITY,
                COUNTRY,
                Field("consent", "flag", "May be contacted"),
            ),
            key=("customer_id",),
            attributes=True,
        ),
        Table(
            "products",
            "one product",
            (
                Field("product_id", "id", "Product", required=True),
                Field("name", "text", "Name"),
                Field("category", "text", "Category"),
                Field("brand", "text", "Brand"),
                Field("price", "money", "Price"),
                Field("cost", "money", "Cost"),
                Field("stock", "number", "In stock"),
                Field("lead_time_days", "number", "Lead time in days"),
                Field("launched_at", "time", "Launched at"),
            ),
            key=("product_id",),
            attributes=True,
        ),
        Table(
            "assignments",
            "one customer put into one variant of an experiment",
            (
                Field("experiment", "text", "Experiment", required=True),
                CUSTOMER,
                Field("variant", "text", "Variant", required=True),
                Field("assigned_at", "time", "Assigned at", required=True),
            ),
            clock="assigned_at",
        ),
        Table(
            "spend",
            "one day's cost of one channel or campaign",
            (
                Field("day", "date", "Day", required=True),
                Field("channel", "text", "Channel", required=True),
                Field("campaign", "text", "Campaign"),
                Field("cost", "money", "Cost", required=True),
            ),
            clock="day",
            key=("day", "channel", "campaign"),
            either=(("channel", ("campaign",)),),
        ),
        Table(
            "stock_levels",
            "what was in stock of one product at the end of one day",
            (
                Field("product_id", "id", "Product", required=True),
                Field("day", "date", "Day", required=True),
                Field("stock", "number", "In stock", required=True),
            ),
            clock="day",
            key=("product_id", "day"),
        ),
        Table(
            "matches",
            "two ids of one person",
            (
                Field("customer_id", "id", "Id to keep", required=True),
                Field("other_id", "id", "Other id of the same person", required=True),
            ),
        ),
    )
}


EXAMPLES: dict[str, str] = {
    "id": "A-1001",
    "text": "text",
    "money": "12.50",
    "number": "1",
    "integer": "1",
    "time": "2026-03-01 14:30:00",
    "date": "2026-03-01",
    "flag": "yes",
    "status": "paid",
    "event": "view",
    "other_id": "S-2002",
}
"""By kind of field, or by name where two of a kind would look the same."""


def template(name: str) -> str:
    """A CSV of one table with its columns and one example row, to be filled in.

    >>> print(template("spend"))
    day,channel,campaign,cost
    2026-03-01,text,text,12.50
    <BLANKLINE>
    """
    fields = TABLES[name].fields
    header = ",".join(field.name for field in fields)
    examples = (EXAMPLES.get(field.name, EXAMPLES[field.kind]) for field in fields)
    return header + "\n" + ",".join(examples) + "\n"
