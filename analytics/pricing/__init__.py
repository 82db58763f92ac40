"""At what price: how demand answers, what that makes of revenue and profit, and how to find out."""

from analytics.pricing.curve import GUARD, Curve, Markdown, curve, markdown
from analytics.pricing.elasticity import Elasticities, elasticity
from analytics.pricing.testing import PriceTest, price_test

__all__ = [
    "GUARD",
    "Curve",
    "Elasticities",
    "Markdown",
    "PriceTest",
    "curve",
    "elasticity",
    "markdown",
    "price_test",
]
