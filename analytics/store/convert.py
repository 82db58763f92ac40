"""Text to typed values in SQL, with a reason for every value that cannot be read.

A column of the file is known here only by its place (`c0`, `c1`, …), so nothing a file says,
its header included, ever becomes SQL.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from analytics.store.schema import Field, choice_type

EMPTY_WORDS = ("nan", "null", "none", "n/a", "#n/a", "\\n", "nat")
YES = ("yes", "y", "true", "t", "1", "1.0", "subscribed", "是", "同意", "已同意")
NO = ("no", "n", "false", "f", "0", "0.0", "unsubscribed", "否", "不同意", "拒绝")

STATUS_WORDS: dict[str, list[str]] = {
    status: words.split()
    for status, words in {
        "paid": """
            paid complete completed fulfilled shipped delivered closed open pending processing
            交易成功 已付款 已完成 已发货 卖家已发货
            authorized partiallypaid partiallyrefunded onhold received success successful ok done
            等待卖家发货 等待发货 待发货 已签收 成功
        """,
        "refunded": "refunded refund returned 已退款 退款 退款成功 已退货",
        "cancelled": """
            cancelled canceled cancel voided void expired failed declined unpaid abandoned
            已取消 取消 交易关闭 关闭 已关闭 未付款 等待买家付款
        """,
        "test": "test testorder 测试 测试订单",
    }.items()
}
"""What a status column says, by what it means, the commonest words first, since they are looked up
in this order; anything else counts as paid."""

EVENT_WORDS: dict[str, list[str]] = {
    event: words.split()
    for event, words in {
        "view": "pv pageview page_view view_item product_view viewed detail 浏览 点击浏览",
        "favourite": "fav favorite wishlist add_to_wishlist like collect 收藏",
        "cart": "addtocart add_to_cart basket addcart 加购 加购物车",
        "purchase": "buy order bought transaction 购买 下单 支付",
        "checkout": "begin_checkout initiate_checkout 结算",
        "search": "searched 搜索",
        "click": "clicked 点击",
        "impression": "impressions show exposure 曝光",
        "rating": "rate rated review review_score stars 评分 评价 打分",
    }.items()
}
"""What an event column says, by what it means; anything else keeps its own name."""

CLOCK_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
"""Times of day that may follow a written date."""

SPACES = " \u00a0\u202f"
"""What may stand between thousands, or between a number and its currency."""


def number_pattern(decimal: str) -> str:
    """What a number looks like where `decimal` is the decimal mark.

    >>> import re
    >>> [bool(re.fullmatch(number_pattern(","), text)) for text in ("1.234,56 €", "1,234.56")]
    [True, False]
    """
    thousands = "," if decimal == "." else "."
    currency = f"(?:[A-Z]{{0,3}}[$€£¥￥₹元]|[A-Z]{{2,3}})?[{SPACES}]*"
    digits = rf"(?:\d{{1,3}}(?:[{thousands}{SPACES}]\d{{3}})+|\d+)?(?:[{decimal}]\d*)?[{SPACES}]*"
    amount = f"{currency}[-+]?{digits}{currency}"
    return rf"(?:[-+]?{amount}|\({amount}\))"


@dataclass(frozen=True)
class Style:
    """How a file writes its values.

    Attributes:
        decimal: The decimal mark, `.` or `,`.
        times: For each time or date field how it is written: `iso`, `offset` (ISO with its
            distance from UTC), `compact`, `unix_s`,
            `unix_ms`, `unix_us`, `excel`, or `dmy` / `mdy` / `ymd` with the separator and the
            year's letter, as in `dmy/Y` or `mdy-y`.
        float_ids: Id fields that a spreadsheet turned into `17850.0`.
        zone: The shop's time zone, as in `Asia/Shanghai`, for moments that are written in UTC or
            with their distance from it; without it those keep the clock they are written in.
    """

    decimal: str = "."
    times: tuple[tuple[str, str], ...] = ()
    float_ids: tuple[str, ...] = ()
    zone: str | None = None

    def time(self, field: str) -> str:
        """How that field is written; ISO unless known otherwise."""
        return dict(self.times).get(field, "iso")


def literal(text: str) -> str:
    """A SQL string that means exactly `text`.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def choice(column: str, word: str) -> str:
    """One of the few words a column may hold, as it is stored."""
    return f"CAST({literal(word)} AS {choice_type(column)})"


def _meaning(
    column: str, words: Mapping[str, Iterable[str]], write: Callable[[str], str] = literal
) -> str:
    """What a text stands for, NULL where it is none of the words; the first meaning stands.

    Looked up in a map: of IN with more than a few words the database makes a join, which carries
    every column along and took three times as long as all the rest.
    """
    meanings: dict[str, str] = {}
    for meaning, known in words.items():
        for word in known:
            meanings.setdefault(word, meaning)
    pairs = ", ".join(f"{literal(word)}: {write(stands)}" for word, stands in meanings.items())
    return f"MAP {{{pairs}}}[{column}]"


def text(column: str) -> str:
    """The column's text, NULL where it is blank or one of the words for nothing.

    Trimming costs more than anything else done to most values, so it is done only to those that
    may begin or end with some kind of space: ASCII has none but the common one.
    """
    may_be_spaced = (
        f"{column} < '!' OR suffix({column}, ' ') OR strlen({column}) <> length({column})"
    )
    trimmed = f"trim({column})"
    longest = max(map(len, EMPTY_WORDS))
    return (
        f"CASE WHEN {may_be_spaced} THEN CASE WHEN {_is_empty_word(trimmed)} "
        f"THEN NULL ELSE NULLIF({trimmed}, '') END "
        f"WHEN strlen({column}) <= {longest} AND NOT {column} BETWEEN '0' AND ':' "
        f"AND {_is_empty_word(column)} THEN NULL ELSE {column} END"
    )


def _is_empty_word(column: str) -> str:
    return f"{_meaning(f'lower({column})', {'nothing': EMPTY_WORDS})} IS NOT NULL"


def number(column: str, decimal: str, sql_type: str = "DECIMAL(18,4)") -> str:
    """A number or money, with currency signs, thousands marks and (12.00) understood."""
    other = "," if decimal == "." else "."
    bare = f"replace(regexp_replace({column}, '[^0-9{decimal}]', '', 'g'), '{decimal}', '.')"
    sign = f"CASE WHEN regexp_matches({column}, '[-(]') THEN '-' ELSE '' END"
    written = (
        f"CASE WHEN regexp_full_match({column}, {literal(number_pattern(decimal))}) "
        f"AND regexp_matches({column}, '[0-9]') THEN TRY_CAST({sign} || {bare} AS {sql_type}) END"
    )
    plain = f"TRY_CAST({column} AS {sql_type})"
    if decimal == ".":
        return f"COALESCE({plain}, {written})"
    either = f"COALESCE({plain}, {written})"
    return f"CASE WHEN contains({column}, '{other}') THEN {written} ELSE {either} END"


def time(column: str, style: str, zone: str | None = None) -> str:
    """A moment, in the shop's own clock."""
    units = {"unix_s": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
    if style == "offset" and zone:
        return f"timezone({literal(zone)}, TRY_CAST({column} AS TIMESTAMPTZ))"
    if style in ("iso", "offset"):
        return f"TRY_CAST({column} AS TIMESTAMP)"
    if style in units:
        scaled = f"TRY_CAST({column} AS DECIMAL(20,3)) * {units[style]}"
        moment = f"make_timestamp(CAST(TRY_CAST({scaled} AS DECIMAL(18,0)) AS BIGINT))"
        if zone:
            return f"timezone({literal(zone)}, timezone('UTC', {moment}))"
        return moment
    if style == "excel":
        return (
            "(TIMESTAMP '1899-12-30' + to_microseconds(CAST(round("
            f"TRY_CAST({column} AS DECIMAL(14,8)) * 86400) AS BIGINT) * 1000000))"
        )
    formats = time_formats(style)
    return f"try_strptime({column}, [{', '.join(literal(form) for form in formats)}])"


def time_formats(style: str) -> list[str]:
    """The `strptime` formats of a written style.

    >>> time_formats("dmy/y")[1]
    '%d/%m/%y %H:%M'
    """
    if style == "compact":
        return ["%Y%m%d", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d%H%M"]
    order, separator, year = style[:3], style[3], style[4]
    letters = {"d": "%d", "m": "%m", "y": f"%{year}"}
    day = separator.join(letters[part] for part in order)
    return [day + clock for clock in CLOCK_TIMES]


def value(field: Field, column: str, style: Style) -> str:
    """The SQL that turns a trimmed text column into the field's type, NULL where it cannot."""
    match field.kind:
        case "money" | "number":
            return number(column, style.decimal)
        case "integer":
            read = number(column, style.decimal)
            return f"CASE WHEN {read} = round({read}) THEN CAST({read} AS BIGINT) END"
        case "time":
            return time(column, style.time(field.name), style.zone)
        case "date":
            read = time(column, style.time(field.name), style.zone)
            return f"CAST({read} AS DATE)"
        case "flag":
            said = _meaning(f"lower({column})", {"yes": YES, "no": NO})
            return f"({said} = 'yes')"
        case "status":
            plain = f"lower(replace(replace({column}, ' ', ''), '_', ''))"
            write = partial(choice, "status")
            as_is, known = (_meaning(said, STATUS_WORDS, write) for said in (column, plain))
            paid = write("paid")
            return f"CASE WHEN {column} IS NOT NULL THEN COALESCE({as_is}, {known}, {paid}) END"
        case "event":
            return f"COALESCE({_meaning(f'lower({column})', EVENT_WORDS)}, lower({column}))"
        case "id" if field.name in style.float_ids:
            return f"regexp_replace({column}, '\\.0+$', '')"
        case _:
            return column
