"""What goes together: rules of what is bought together, and whether they hold on later weeks."""

from analytics.basket.confirm import Confirmed, confirm
from analytics.basket.find import rules

__all__ = ["Confirmed", "confirm", "rules"]
