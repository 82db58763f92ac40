"""Which products may be recommended: in stock, of a category or brand, within a price or margin."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analytics.errors import NotEnoughDataError


def allowed(
    products: pd.DataFrame,
    *,
    in_stock: bool = False,
    categories: Collection[str] | None = None,
    brands: Collection[str] | None = None,
    not_brands: Collection[str] = (),
    least_price: float | None = None,
    most_price: float | None = None,
    least_margin: float | None = None,
) -> list[str]:
    """The products that fulfil all conditions, for `include` of `Model.for_customers`.

    Where something is not known of a product, a condition on it is not fulfilled; only a stock that
    is not known counts as there.

    Args:
        products: A model's `history.products`.
        in_stock: Leave out those of which none is left.
        categories: Only these.
        brands: Only these.
        not_brands: None of these.
        least_price: In money.
        most_price: In money.
        least_margin: The share of the price that is left after the cost, 0 to 1.

    Raises:
        NotEnoughDataError: No product fulfils them.
    """
    price, cost, stock = (
        pd.Series(products[name].to_numpy(dtype=float, na_value=np.nan), index=products.index)
        for name in ("price", "cost", "stock")
    )
    kept = pd.Series(True, index=products.index)
    if in_stock:
        kept &= stock.isna() | (stock > 0)
        if not kept.any():
            raise NotEnoughDataError(
                "All products are out of stock.",
                "Import the products file anew, or recommend what is out of stock too.",
            )
    if categories is not None:
        kept &= products["category"].isin(list(categories))
    if brands is not None:
        kept &= products["brand"].isin(list(brands))
    kept &= ~products["brand"].isin(list(not_brands))
    if least_price is not None:
        kept &= price >= least_price
    if most_price is not None:
        kept &= price <= most_price
    if least_margin is not None:
        kept &= (price - cost) / price.where(price > 0) >= least_margin
    if not kept.any():
        raise NotEnoughDataError(
            "No product fulfils all conditions.", "Take away one of the conditions on products."
        )
    return products.loc[kept, "product_id"].astype(str).tolist()
