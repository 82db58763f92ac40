"""Why a product is recommended: what adds up to its score, and the same in one plain sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.recommend.history import RECENT_DAYS, Floats, History
from analytics.recommend.lists import SOURCES
from analytics.recommend.methods import METHODS
from analytics.recommend.scorer import Scorer
from analytics.recommend.two_stage import OWN, Stage

NAMED = 2
"""Products that a sentence names."""


class Reasons:
    """Says why, for one method and one history."""

    def __init__(
        self, history: History, scorer: Scorer, newcomers: Sequence[tuple[Scorer, Any]] = ()
    ) -> None:
        self.history, self.scorer, self.newcomers = history, scorer, newcomers
        ids = history.products["product_id"].astype(str)
        names = history.products["name"].astype(object)
        self.names = names.where(names.notna() & (names != ""), ids).astype(str).to_numpy()
        self.buyers = history.buyers

    def sentences(self, row: int, products: list[int], sources: list[int]) -> list[str]:
        """A sentence for each of a customer's recommendations.

        Args:
            row: The customer's place.
            products: Places of products.
            sources: For each, what named it; see `Lists.source`.
        """
        shares: Mapping[int, Any] = {}
        if isinstance(self.scorer, Stage):
            own = [one for one, mark in zip(products, sources, strict=True) if mark == 0]
            found = self.scorer.shares(row, np.array(own, dtype=np.int64))
            shares = {one: found.iloc[place] for place, one in enumerate(own)}
        sentences = []
        for product, mark in zip(products, sources, strict=True):
            if SOURCES[mark] == "popular":
                sentences.append(self.sells(product))
            elif SOURCES[mark] == "again":
                sentences.append(self.bought_before(row, product))
            elif SOURCES[mark] == "newcomer":
                scorer = next(scorer for scorer, where in self.newcomers if where[row])
                sentences.append(self._of_method(scorer, row, product))
            elif product in shares:
                sentences.append(self._of_trees(row, product, shares[product]))
            else:
                sentences.append(self._of_method(self.scorer, row, product))
        return sentences

    def sells(self, product: int) -> str:
        """How well it sells."""
        lately, ever = int(self.history.recent[product]), int(self.buyers[product])
        if lately:
            return f"A best seller: {lately:,} bought it in the last {RECENT_DAYS} days."
        return f"{ever:,} customers have bought it."

    def bought_before(self, row: int, product: int) -> str:
        """How often, and when last, the customer bought it."""
        times = int(self.history.purchases[row, product])
        days = int(self.history.days_since[row, product])
        often = "once" if times == 1 else "twice" if times == 2 else f"{times:,} times"
        ago = "yesterday" if days == 1 else f"{days:,} days ago"
        return f"They ordered it {often}, {'' if times == 1 else 'last '}{ago}."

    def _of_method(self, scorer: Scorer, row: int, product: int) -> str:
        parts = scorer.parts(row, product)
        if parts is None:
            popular = type(scorer).__name__ == "Popular"
            return self.sells(product) if popular else "It fits the mix of what they buy."
        return self._of_parts(parts, row, product, sum(scorer.beside(row, product).values()))

    def _of_parts(self, parts: Floats, row: int, product: int, beside: float) -> str:
        """The products that add most; what lowers the score is no reason.

        Where more comes of how well the product sells than of what they bought, that is told.
        """
        if beside > parts[parts > 0].sum():
            return self.sells(product)
        order = np.argsort(-parts, kind="stable")[:NAMED]
        order = order[parts[order] > 0]
        if not len(order):
            return self.sells(product)
        if order[0] == product and self.history.purchases[row, product] > 0:
            return self.bought_before(row, product)
        if order[0] == product:
            return "They looked at it, and have not bought it yet."
        names = list(dict.fromkeys(self.names[one] for one in order))
        share = float(parts[order].sum() / (parts[parts > 0].sum() + beside))
        all_bought = all(self.history.purchases[row, one] > 0 for one in order)
        verb = "bought" if all_bought else "looked at or bought"
        return f"They {verb} {' and '.join(names)}, which make up {share:.0%} of the reasons."

    def _of_trees(self, row: int, product: int, shares: Any) -> str:
        """By what lifts the log-odds most: habit, sales, category, or one of the methods."""
        groups: dict[str, float] = {}
        for column, value in shares.drop("base").items():
            key = str(column)
            if key not in OWN:
                method = key.rpartition("_")[0]
                label = {"popular": "sells", "again": "before"}.get(method, method)
            elif key.startswith("own_"):
                label = "before"
            else:
                label = "sells" if key in ("recent_share", "buyer_share") else OWN[key]
            groups[label] = groups.get(label, 0.0) + float(value)
        bought = self.history.purchases[row, product] > 0
        for label in sorted(groups, key=lambda one: -groups[one]):
            if groups[label] <= 0:
                break
            if label == "before":
                if bought:
                    return self.bought_before(row, product)
            elif label == "sells":
                return self.sells(product)
            elif label in METHODS and isinstance(self.scorer, Stage):
                return self._of_method(self.scorer.scorers[label], row, product)
            elif label == OWN["category_share"]:
                return self._of_category(product)
        return self.bought_before(row, product) if bought else self.sells(product)

    def _of_category(self, product: int) -> str:
        category = self.history.products["category"].iloc[product]
        return self.sells(product) if pd.isna(category) else f"They often buy {category}."

    def table(self, row: int, product: int) -> pd.DataFrame:
        """What adds up to the score.

        Returns:
            DataFrame, the largest first: what (a product's name, or a feature), product_id (missing
            for a feature), part; the parts add up to the score. Empty where the score is no sum.
        """
        columns = ["what", "product_id", "part"]
        if isinstance(self.scorer, Stage):
            shares = self.scorer.shares(row, np.array([product]))
            found = pd.DataFrame({"what": shares.columns, "part": shares.iloc[0].to_numpy()})
            found["product_id"] = pd.Series([None] * len(found), dtype="str")
        else:
            parts = self.scorer.parts(row, product)
            if parts is None:
                return pd.DataFrame(columns=columns)
            places = np.flatnonzero(parts)
            ids = self.history.products["product_id"].iloc[places].to_numpy()
            beside = self.scorer.beside(row, product)
            found = pd.DataFrame(
                {
                    "what": [*self.names[places], *beside],
                    "product_id": [*ids, *(None for _ in beside)],
                    "part": [*parts[places], *beside.values()],
                }
            )
        found = found[found["part"] != 0].sort_values("part", ascending=False, kind="stable")
        return found[columns].reset_index(drop=True)
