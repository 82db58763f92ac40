"""What a method that has learnt from a shop recommends to whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.errors import AnalyticsError, NotEnoughDataError
from analytics.recommend.content import Content
from analytics.recommend.history import History, Ints, Job
from analytics.recommend.lists import FEWEST_BASKETS, Lister, Lists
from analytics.recommend.methods import RULES, Method
from analytics.recommend.neighbours import near_one
from analytics.recommend.race import Comparison
from analytics.recommend.reasons import Reasons
from analytics.recommend.scorer import Scorer
from analytics.recommend.spread import Spreader


@dataclass(frozen=True)
class Model:
    """What to offer whom.

    Attributes:
        job: `discover` or `again`.
        method: The method in use.
        label: The same in words.
        parameters: Its parameters in words.
        as_of: Only what happened before this day was learnt from.
        verdict: Why this method.
        comparison: The race that chose it; None where it was asked for, or there was too little to
            race on.
        lister: What makes the lists.
    """

    job: Job
    method: Method
    label: str
    parameters: str
    as_of: date
    verdict: str
    comparison: Comparison | None
    lister: Lister

    @property
    def history(self) -> History:
        """What it has learnt from."""
        return self.lister.history

    @cached_property
    def reasons(self) -> Reasons:
        """What says why."""
        return Reasons(self.history, self.lister.scorer, self.lister.newcomers)

    @cached_property
    def _spreader(self) -> Spreader:
        return Spreader(self.lister)

    @cached_property
    def _customers(self) -> pd.Index:
        return pd.Index(self.history.customers["customer_id"].astype(str))

    @cached_property
    def _products(self) -> pd.Index:
        return pd.Index(self.history.products["product_id"].astype(str))

    def for_customers(
        self,
        ids: Sequence[str] | None = None,
        n: int = 10,
        include: Collection[str] | None = None,
        exclude: Collection[str] | pd.DataFrame | None = None,
        *,
        rest_days: int = 0,
        reasons: bool = True,
        spread: float = 0.0,
    ) -> pd.DataFrame:
        """Each customer's recommendations, best first.

        Args:
            ids: Customers; all by default.
            n: How many for each, at most.
            include: Product ids that may be recommended; all by default.
            exclude: Product ids that must not be, or a DataFrame customer_id, product_id of what
                must not be recommended to whom.
            rest_days: Nothing a customer bought within so many days.
            reasons: Whether to say why; for all customers of a large shop that takes long.
            spread: How much variety counts, 0 (not at all) to 1: of categories within a list, and
                that not everyone is shown the best sellers. Scores then need not fall.

        Returns:
            DataFrame customer_id, rank (from 1), product_id, score (NaN where a rule filled the
            place), reason (empty without `reasons`).

        Raises:
            AnalyticsError: A customer is not known, or `n` or `spread` is not possible.
            NotEnoughDataError: No product is left to recommend.
        """
        rows = self._rows(ids)
        found = self.lists(rows, n, include, exclude, rest_days, spread)
        place, rank = np.nonzero(found.products >= 0)
        shown = found.products[place, rank]
        texts = self._texts(rows, found) if reasons else [""] * len(shown)
        return pd.DataFrame(
            {
                "customer_id": self._customers.to_numpy()[rows[place]],
                "rank": rank + 1,
                "product_id": self._products.to_numpy()[shown],
                "score": found.scores[place, rank].astype(float),
                "reason": pd.Series(texts, dtype="str"),
            }
        )

    def lists(
        self,
        rows: Ints,
        n: int,
        include: Collection[str] | None = None,
        exclude: Collection[str] | pd.DataFrame | None = None,
        rest_days: int = 0,
        spread: float = 0.0,
    ) -> Lists:
        """The same by places of customers and products, for large batches."""
        if not 1 <= n <= 1_000:
            raise AnalyticsError(f"{n} recommendations are not possible.", "Choose 1 to 1,000.")
        allowed = self._allowed(include, exclude)
        barred = self._barred(rows, exclude, rest_days)
        return self._spreader.lists(rows, n, spread, barred=barred, allowed=allowed)

    def for_product(
        self,
        product_id: str,
        n: int = 1000,
        exclude: pd.DataFrame | None = None,
        *,
        rest_days: int = 0,
    ) -> pd.DataFrame:
        """Whom to tell about a product.

        For `discover` only customers who never bought it. Best sellers are the same for everyone,
        so where that rule is in use, customers come by how well the product's category, brand,
        price and name match what they bought.

        Args:
            product_id: What to tell of.
            n: How many customers, at most.
            exclude: DataFrame customer_id, product_id of what must not be recommended to whom.
            rest_days: Nobody who bought it within so many days.

        Returns:
            DataFrame customer_id, rank (from 1), score; those of whom nothing speaks for the
            product are left out.

        Raises:
            AnalyticsError: The product is not known.
        """
        product = self._product(product_id)
        scorer = self._content if self.method == "popular" else self.lister.scorer
        scores = scorer.column(product).astype(float)
        if self.method not in RULES:
            scores[self.history.customers["baskets"].to_numpy() < FEWEST_BASKETS] = -np.inf
        if self.job == "discover":
            scores[self.history.purchases[:, [product]].toarray().ravel() > 0] = -np.inf
        barred = self._barred(self._rows(None), exclude, rest_days)
        if barred is not None:
            scores[barred[:, [product]].toarray().ravel() > 0] = -np.inf
        order = np.argsort(-scores, kind="stable")[: max(n, 0)]
        order = order[scores[order] > -np.inf]
        return pd.DataFrame(
            {
                "customer_id": self._customers.to_numpy()[order],
                "rank": np.arange(1, len(order) + 1),
                "score": scores[order],
            }
        )

    def similar(self, product_id: str, n: int = 10) -> pd.DataFrame:
        """The products nearest to one, by the method, or by who bought them where it cannot tell.

        Returns:
            DataFrame product_id, rank (from 1), score.

        Raises:
            AnalyticsError: The product is not known.
        """
        product = self._product(product_id)
        near = self.lister.scorer.similar(product)
        if near is None:
            near = near_one(self.history.strength, product)
        order = np.argsort(-near, kind="stable")[: max(n, 0)]
        order = order[near[order] > 0]
        return pd.DataFrame(
            {
                "product_id": self._products.to_numpy()[order],
                "rank": np.arange(1, len(order) + 1),
                "score": near[order].astype(float),
            }
        )

    def explain(self, customer_id: str, product_id: str) -> pd.DataFrame:
        """What adds up to the score of a product for a customer.

        Returns:
            DataFrame, the largest first: what (a product's name, or a feature), product_id (missing
            for a feature), part. Empty where the score is no sum (best sellers, NMF).

        Raises:
            AnalyticsError: The customer or product is not known.
        """
        row = int(self._rows([customer_id])[0])
        return self.reasons.table(row, self._product(product_id))

    @cached_property
    def _content(self) -> Scorer:
        return Content(self.history.strength, self.history.products)

    def _texts(self, rows: Ints, found: Lists) -> list[str]:
        texts = []
        for place, row in enumerate(rows):
            held = int((found.products[place] >= 0).sum())
            texts += self.reasons.sentences(
                int(row), found.products[place, :held].tolist(), found.source[place, :held].tolist()
            )
        return texts

    def _rows(self, ids: Sequence[str] | None) -> Ints:
        if ids is None:
            return np.arange(len(self._customers))
        rows = self._customers.get_indexer(pd.Index([str(one) for one in ids]))
        if (rows < 0).any():
            unknown = ids[int(np.argmax(rows < 0))]
            raise AnalyticsError(
                f"The customer “{unknown}” is not in the store.",
                "They may have been erased; choose another, or reload the page.",
            )
        return np.asarray(rows, dtype=np.int64)

    def _product(self, product_id: str) -> int:
        place = self._products.get_indexer(pd.Index([str(product_id)]))[0]
        if place < 0:
            raise AnalyticsError(
                f"The product “{product_id}” is not known before {self.as_of:%-d %B %Y}.",
                "Choose another product or a later day.",
            )
        return int(place)

    def _allowed(
        self, include: Collection[str] | None, exclude: Collection[str] | pd.DataFrame | None
    ) -> npt.NDArray[np.bool_] | None:
        if include is None and (exclude is None or isinstance(exclude, pd.DataFrame)):
            return None
        allowed = np.ones(len(self._products), bool)
        if include is not None:
            allowed &= self._products.isin([str(one) for one in include])
        if exclude is not None and not isinstance(exclude, pd.DataFrame):
            allowed &= ~self._products.isin([str(one) for one in exclude])
        if not allowed.any():
            raise NotEnoughDataError(
                "No product is left to recommend.", "Take away one of the conditions on products."
            )
        return allowed

    def _barred(
        self, rows: Ints, exclude: Collection[str] | pd.DataFrame | None, rest_days: int
    ) -> Any:
        barred = sparse.csr_matrix((len(rows), len(self._products)), dtype=np.float32)
        if self.history.unwanted is not None:
            barred = (barred + self.history.unwanted[rows]).tocsr()
        if rest_days > 0:
            since = self.history.days_since[rows].copy()
            since.data[since.data > rest_days] = 0
            since.eliminate_zeros()
            barred = (barred + since).tocsr()
        if isinstance(exclude, pd.DataFrame) and len(exclude):
            customers = self._customers.get_indexer(pd.Index(exclude["customer_id"].astype(str)))
            products = self._products.get_indexer(pd.Index(exclude["product_id"].astype(str)))
            known = (customers >= 0) & (products >= 0)
            never = sparse.csr_matrix(
                (np.ones(int(known.sum()), np.float32), (customers[known], products[known])),
                shape=self.history.shape,
            )
            barred = (barred + never[rows]).tocsr()
        return barred if barred.nnz else None
