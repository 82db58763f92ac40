"""A test on one page to pass on: a file of its own that needs nothing else and prints well.

Everything in it is text, escaped, and pictures drawn here; a policy in its head forbids the browser
to fetch or run anything.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import floor, isfinite, log10
from typing import TypeAlias
from unicodedata import east_asian_width

import numpy as np
import pandas as pd

from analytics.experiment.comparison import Comparison
from analytics.experiment.results import Results
from analytics.experiment.telling import VERDICTS, figures
from analytics.experiment.units import percent, unit_of

__all__ = ["report"]

TONES = {"better": "#0f766e", "worse": "#b45309", "do not trust": "#b91c1c"}
GREY = "#475569"
LEVELS = {"red": ("#b91c1c", "Stop"), "amber": ("#b45309", "Care"), "green": ("#0f766e", "Good")}
HEADINGS = {
    "with_the_change": "With the change",
    "in_per_cent": "In per cent",
    "p_value": "P value",
    "corrected_p_value": "P value, corrected",
}
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #0f172a; background: #fff; margin: 2rem auto;
  max-width: 820px; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
p { margin: .3rem 0; } .quiet { color: #475569; font-size: .9rem; }
.verdict { border-left: 6px solid; padding: .5rem .9rem; margin: .8rem 0; background: #f8fafc; }
.verdict b { display: block; font-size: .85rem; letter-spacing: .03em; }
.verdict span { font-size: 1.15rem; }
table { border-collapse: collapse; width: 100%; font-size: .84rem; }
th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid #cbd5e1;
  vertical-align: top; overflow-wrap: anywhere; }
th { color: #475569; font-weight: 600; overflow-wrap: normal; }
td:first-child { min-width: 5.5rem; } .whole { white-space: nowrap; }
ul { margin: .2rem 0; padding-left: 1.1rem; }
li.check { list-style: none; margin-left: -1.1rem; }
.level { display: inline-block; min-width: 3rem; font-weight: 600; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #334155; }
@page { size: A4; margin: 12mm; }
@media print { body { margin: 0; max-width: none; font: 8.8pt/1.3 system-ui, sans-serif;
    padding: 0; }
  h2 { margin: .8rem 0 .2rem; font-size: 11pt; } svg { width: 82%; } table { font-size: 7.8pt; }
  th, td { padding: .12rem .35rem; } h1 { font-size: 15pt; }
  .verdict { margin: .4rem 0; } .verdict span { font-size: 11.5pt; }
  .verdict, svg, tr, li { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def report(
    title: str,
    found: Results,
    checks: pd.DataFrame,
    *,
    currency: str,
    facts: Sequence[str],
    meaning: Sequence[str],
    method: Sequence[str],
) -> str:
    """A page of HTML.

    Args:
        title: The test's name.
        found: Its results.
        checks: Its checks: check, level, sentence.
        currency: What money is called, or empty.
        facts: What was tested, in sentences.
        meaning: What it would mean, in sentences; may be empty.
        method: How it was worked out, in sentences.
    """
    metric = found.metrics[0]
    verdicts = "".join(
        f'<div class="verdict" style="border-color:{TONES.get(one.verdict, GREY)}">'
        f'<b style="color:{TONES.get(one.verdict, GREY)}">{_safe(_headed(one, found))}</b>'
        f"<span>{_safe(one.sentence[:1].upper() + one.sentence[1:])}</span></div>"
        for one in found.judged
    )
    parts = [
        f"<h1>{_safe(title)}</h1>",
        *(f'<p class="quiet">{_safe(one)}</p>' for one in facts),
        verdicts,
        f"<h2>Effect on {_safe(metric.label[:1].lower() + metric.label[1:])}</h2>",
        _pictures(found, currency),
        _section("What it would mean", meaning),
        f"<h2>Can it be trusted?</h2>{_checks(checks)}",
        f"<h2>All figures</h2>{_table(figures(found, currency))}",
        _section("How it was worked out", method),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(parts)}</body></html>"
    )


def _headed(one: Comparison, found: Results) -> str:
    several = len(found.treatments) > 1
    return VERDICTS[one.verdict] + (f": {one.treatment}" if several else "")


def _safe(text: str) -> str:
    return escape(str(text))


def _section(heading: str, sentences: Sequence[str]) -> str:
    if not sentences:
        return ""
    said = "".join(f"<li>{_safe(one)}</li>" for one in sentences)
    return f"<h2>{heading}</h2><ul>{said}</ul>"


def _checks(checks: pd.DataFrame) -> str:
    rows = []
    for level, sentence in zip(checks["level"], checks["sentence"], strict=True):
        colour, word = LEVELS[str(level)]
        rows.append(
            f'<li class="check"><span class="level" style="color:{colour}">{word}</span>'
            f"{_safe(sentence)}</li>"
        )
    return f"<ul>{''.join(rows)}</ul>"


def _table(frame: pd.DataFrame) -> str:
    heads = "".join(f"<th>{HEADINGS.get(str(name), str(name).capitalize())}</th>" for name in frame)
    rows = "".join(
        f"<tr>{''.join(map(_cell, frame.columns, row))}</tr>" for row in frame.to_numpy()
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(column: str, text: str) -> str:
    """A P value stays on one line."""
    kind = ' class="whole"' if column.endswith("p_value") else ""
    return f"<td{kind}>{_safe(text)}</td>"


def _pictures(found: Results, currency: str) -> str:
    """The effect in the metric's unit and, where it is defined, in per cent."""
    judged = found.judged
    unit = unit_of(found.metrics[0], currency, judged[0])
    made = [
        _picture(
            [(one.treatment, one.difference, one.lo, one.hi, one.verdict) for one in judged],
            unit.axis(found.metrics[0].label),
            unit.change,
            lambda tick: f"{tick * unit.factor:,.10g}",
        )
    ]
    relative = [one for one in judged if isfinite(one.relative_lo) and isfinite(one.relative_hi)]
    if relative:
        rows: list[Row] = [
            (one.treatment, one.relative_difference, one.relative_lo, one.relative_hi, one.verdict)
            for one in relative
        ]
        made.append(
            _picture(
                rows,
                f"The same in per cent of {found.control}",
                lambda share: percent(share, signed=True),
                lambda tick: f"{tick * 100:,.10g}%",
            )
        )
    return "".join(made)


WIDTH, LEFT, RIGHT, ROW = 780, 170, 24, 46
Row: TypeAlias = tuple[str, float, float, float, str]
"""Label, value, lower and upper end, verdict."""


def _picture(
    rows: Sequence[Row],
    title: str,
    write: Callable[[float], str],
    write_tick: Callable[[float], str],
) -> str:
    """Ranges above an axis with its zero, as an inline SVG."""
    ends = [0.0, *(value for row in rows for value in row[1:4] if isfinite(value))]
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) * 0.08
    low, high = low - room, high + room

    def at(value: float) -> float:
        return round(LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    height = 20 + ROW * len(rows) + 44
    bottom = height - 40
    marks = []
    for tick in _ticks(low, high):
        colour = "#94a3b8" if tick == 0 else "#e2e8f0"
        marks.append(
            f'<line x1="{at(tick)}" x2="{at(tick)}" y1="8" y2="{bottom}" stroke="{colour}"/>'
            f'<text x="{at(tick)}" y="{bottom + 15}" text-anchor="middle">{_safe(write_tick(tick))}'
            "</text>"
        )
    for place, (label, value, lo, hi, verdict) in enumerate(rows):
        y = 20 + ROW * place + ROW // 2
        colour = TONES.get(verdict, GREY)
        marks.append(f'<text x="8" y="{y + 4}">{_safe(_short(label))}</text>')
        if isfinite(lo) and isfinite(hi):
            marks.append(
                f'<line x1="{at(lo)}" x2="{at(hi)}" y1="{y}" y2="{y}" stroke="{colour}" '
                'stroke-width="10" stroke-opacity=".4"/>'
            )
            said = f"{write(value)} ({write(lo)} to {write(hi)})"
        else:
            said = write(value)
        if isfinite(value):
            marks.append(f'<circle cx="{at(value)}" cy="{y}" r="6" fill="{colour}"/>')
        anchor, x = _beside(at(value) if isfinite(value) else at(0))
        marks.append(f'<text x="{x}" y="{y - 12}" text-anchor="{anchor}">{_safe(said)}</text>')
    marks.append(
        f'<text x="{(WIDTH + LEFT) / 2}" y="{height - 6}" text-anchor="middle">{_safe(title)}'
        "</text>"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{_safe(title)}">'
        f"{''.join(marks)}</svg>"
    )


def _short(label: str) -> str:
    """As much of a name as fits beside a picture; capitals are wide, Chinese letters wider."""
    room = 24.0
    for place, letter in enumerate(label):
        room -= 2 if east_asian_width(letter) in "WF" else 1.5 if letter.isupper() else 1
        if room < 0:
            return label[: place - 1] + "…"
    return label


def _beside(x: float) -> tuple[str, float]:
    """Where a caption stands so that it stays in the picture."""
    if x < LEFT + 120:
        return "start", LEFT
    if x > WIDTH - RIGHT - 120:
        return "end", WIDTH - RIGHT
    return "middle", x


def _ticks(low: float, high: float) -> Iterable[float]:
    """About five round numbers, zero among them."""
    rough = (high - low) / 5
    size = 10 ** floor(log10(rough))
    step = next(size * each for each in (1, 2, 5, 10) if size * each >= rough)
    steps = np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return [float(round(each * step, 12)) + 0.0 for each in steps]
