"""Figures of a test as people read them, in the unit of their metric."""

from dataclasses import dataclass
from math import floor, isfinite, isnan, log10, nan

from analytics.experiment.comparison import Comparison
from analytics.experiment.metrics import Metric

__all__ = ["NOT_DEFINED", "Unit", "chance", "percent", "unit_of"]

NOT_DEFINED = "–"


@dataclass(frozen=True)
class Unit:
    """How a metric is written.

    Attributes:
        kind: `money`, `share` (read in per cent, its changes in percentage points) or `number`.
        currency: What money is called, or empty.
        decimals: As many as the range of the effect deserves; None where there is none.
    """

    kind: str
    currency: str = ""
    decimals: int | None = None

    @property
    def factor(self) -> int:
        """What a picture's figures are multiplied by."""
        return 100 if self.kind == "share" else 1

    def value(self, number: float) -> str:
        """A level: `12.34 EUR`, `8.0%`, `0.113`; a dash where it is not defined.

        >>> Unit("share").value(0.0801), Unit("money", "EUR").value(1234.5), Unit("").value(0.1125)
        ('8.0%', '1,234.50 EUR', '0.113')
        """
        if not isfinite(number):
            return NOT_DEFINED
        if self.kind == "share":
            said = f"{number * 100:,.{self._places(number)}f}%"
        else:
            said = f"{number:,.{self._places(number)}f} {self.currency}".strip()
        return said.replace("-", "−", 1) if number < 0 else said

    def change(self, number: float) -> str:
        """A difference, with its sign.

        >>> Unit("share").change(-0.011), Unit("money").change(6.0)
        ('−1.1 points', '+6.00')
        """
        if not isfinite(number):
            return NOT_DEFINED
        size = self.value(abs(number))
        size = size.replace("%", " points") if self.kind == "share" else size
        return ("−" if number < 0 else "+") + size

    def span(self, number: float, lo: float, hi: float) -> str:
        """A difference with the range it lies in."""
        if isnan(lo) or isnan(hi):
            return self.change(number)
        low = self.change(lo).removesuffix(" points").removesuffix(f" {self.currency}")
        return f"{self.change(number)} ({low} to {self.change(hi)})"

    def axis(self, label: str) -> str:
        """What an axis of differences is called."""
        unit = {"money": self.currency, "share": "percentage points"}.get(self.kind, "")
        return f"{label}: difference{f', {unit}' if unit else ''}"

    def _places(self, number: float) -> int:
        if self.decimals is not None:
            return self.decimals
        if self.kind not in ("money", "share"):
            size = abs(number)
            return 0 if not size or size >= 100 else min(max(2 - floor(log10(size)), 0), 6)
        if self.kind == "share" and 0 < abs(number) < 0.01:
            return min(1 - floor(log10(abs(number) * 100)), 6)
        return 2 if self.kind == "money" else 1


def unit_of(metric: Metric, currency: str, found: Comparison | None = None) -> Unit:
    """The unit of a metric, with as many decimals as the range of its effect deserves."""
    kind = metric.unit if metric.unit in ("money", "share") else "number"
    currency = currency if kind == "money" else ""
    width = nan if found is None else (found.hi - found.lo) * Unit(kind).factor
    if not (isfinite(width) and width > 0):
        return Unit(kind, currency)
    least = {"money": 2, "share": 1}.get(kind, 0)
    return Unit(kind, currency, min(max(1 - floor(log10(width)), least), 6))


def percent(share: float, *, signed: bool = False) -> str:
    """A share in per cent.

    >>> percent(0.0801), percent(0.00123), percent(-0.25, signed=True)
    ('8.0%', '0.12%', '−25.0%')
    """
    if not isfinite(share):
        return NOT_DEFINED
    places = 2 if 0 < abs(share) < 0.01 else 1
    sign = ("−" if share < 0 else "+") if signed else "−" if share < 0 else ""
    return f"{sign}{abs(share) * 100:,.{places}f}%"


def chance(probability: float) -> str:
    """A probability in words that do not claim certainty.

    >>> chance(0.99999), chance(0.831), chance(0.0001)
    ('more than 99.9%', '83%', 'less than 0.1%')
    """
    if isnan(probability):
        return NOT_DEFINED
    if probability > 0.999:
        return "more than 99.9%"
    if probability < 0.001:
        return "less than 0.1%"
    return f"{probability:.1%}" if not 0.1 <= probability <= 0.9 else f"{probability:.0%}"
