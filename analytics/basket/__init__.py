"""What goes together."""

from analytics.basket.find import rules

__all__ = ["rules"]
