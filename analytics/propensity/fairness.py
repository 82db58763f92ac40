"""Whether groups of people are treated alike: who is put first, and how well each is foretold.

The list is cut where as many are addressed as are expected to do it. Groups whose members are
addressed less than four fifths as often as the most addressed group are named (the four-fifths
rule of the US Uniform Guidelines 1978), and so are groups for whom the probabilities are further
off than chance allows. A difference is no proof of a wrong: groups may buy differently. Which
attributes the models see is the shop's to choose.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

FEWEST = 30
"""Smaller groups are shown, but nothing is said of them."""
GROUPS = 8
FOUR_FIFTHS = 0.8
OFF_BY = 0.05
SURE = 3.0
"""Standard errors beyond which a difference is no chance; more than two, as groups are many."""
LABELS = {"gender": "Gender", "age_years": "Age", "city": "City", "country": "Country"}
AGES = (0, 25, 35, 45, 55, 65, 200)
AGE_WORDS = ("under 25", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 or more")
UNKNOWN, OTHERS = "unknown", "others"


def groups_of(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The group of each customer: bands of age, the most frequent texts, the others, unknown."""
    if pd.api.types.is_numeric_dtype(values):
        bands = pd.cut(values, AGES, right=False, labels=AGE_WORDS)
        return bands.astype(object).where(bands.notna(), UNKNOWN)
    frequent = set(values.value_counts().head(GROUPS).index)
    told = values.astype(object).where(values.notna(), UNKNOWN)
    return told.map(lambda value: value if value in frequent or value == UNKNOWN else OTHERS)


def addressed(chances: Floats) -> Floats:
    """How much of each customer is addressed where as many are as are expected to do it, 0 to 1.

    Those of equal probability at the end of the list share what is left.
    """
    budget = float(chances.sum())
    order = np.sort(chances)[::-1]
    limit = order[min(int(budget), len(order) - 1)]
    above, at = chances > limit, chances == limit
    left = min(max((budget - above.sum()) / at.sum(), 0.0), 1.0)
    return np.asarray(above + left * at, dtype=float)


def table(people: pd.DataFrame, did: Floats, chances: Floats) -> pd.DataFrame:
    """Rates and errors of each group on the judged days.

    Args:
        people: Columns of `LABELS`, a row a customer.
        did: 1 or 0, shape (n,).
        chances: Probabilities.

    Returns:
        DataFrame attribute, group, customers, happened_share, foretold_share, addressed_share,
        found_share (of those who did it, who were addressed; missing where nobody did),
        wrongly_share (of those addressed, who did not do it; missing where nobody was). Attributes
        of which fewer than two groups are known are left out.
    """
    taken = addressed(chances)
    frames = []
    for name, label in LABELS.items():
        if name not in people:
            continue
        group = groups_of(people[name])
        if group[group != UNKNOWN].nunique() < 2:
            continue
        each = pd.DataFrame(
            {
                "group": group.to_numpy(), "did": did, "chance": chances, "taken": taken,
                "both": did * taken,
            }
        )  # fmt: skip
        sums = each.groupby("group").sum()
        count = each.groupby("group").size()
        frames.append(
            pd.DataFrame(
                {
                    "attribute": label,
                    "group": sums.index.astype(str),
                    "customers": count.to_numpy(),
                    "happened_share": (sums["did"] / count).to_numpy(),
                    "foretold_share": (sums["chance"] / count).to_numpy(),
                    "addressed_share": (sums["taken"] / count).to_numpy(),
                    "found_share": (sums["both"] / sums["did"].where(sums["did"] > 0)).to_numpy(),
                    "wrongly_share": (
                        1 - sums["both"] / sums["taken"].where(sums["taken"] > 0)
                    ).to_numpy(),
                }
            )
        )
    columns = [
        "attribute", "group", "customers", "happened_share", "foretold_share", "addressed_share",
        "found_share", "wrongly_share",
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def warnings(found: pd.DataFrame) -> list[str]:
    """What to think about before the list is used, in sentences; empty where nothing stands out.

    Args:
        found: As `table` returns it.
    """
    said = []
    for attribute, everyone in found.groupby("attribute", sort=False):
        large = everyone[(everyone["customers"] >= FEWEST) & (everyone["group"] != UNKNOWN)]
        if len(large) < 2:
            continue
        people = large["customers"].to_numpy(dtype=float)
        share = large["addressed_share"].to_numpy(dtype=float)
        most, least = large.iloc[share.argmax()], large.iloc[share.argmin()]
        mean = float((share * people).sum() / people.sum())
        noise = np.sqrt(mean * (1 - mean) * (1 / most["customers"] + 1 / least["customers"]))
        if share.min() < FOUR_FIFTHS * share.max() and np.ptp(share) > SURE * noise:
            said.append(
                f"{attribute}: “{least['group']}” would be addressed less often than "
                f"“{most['group']}”, {least['addressed_share']:.0%} against "
                f"{most['addressed_share']:.0%}; {least['happened_share']:.0%} and "
                f"{most['happened_share']:.0%} of them did it."
            )
        told = large["foretold_share"].to_numpy(dtype=float)
        off = large["happened_share"].to_numpy(dtype=float) - told
        # What holds for all groups alike is no difference between them.
        off = off - float((off * people).sum() / people.sum())
        noise = SURE * np.sqrt(np.maximum(told * (1 - told), 1e-9) / people)
        beyond = np.abs(off) > np.maximum(OFF_BY, noise)
        if beyond.any():
            worst = large.iloc[int(np.where(beyond, np.abs(off), 0).argmax())]
            more = int(beyond.sum()) - 1
            said.append(
                f"{attribute}: of “{worst['group']}” {worst['foretold_share']:.0%} were foretold "
                f"and {worst['happened_share']:.0%} did it, so they are foretold worse than others"
                + (f" (and so are {more} more groups)." if more else ".")
            )
    return said
