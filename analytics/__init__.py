"""Customer analytics for an online shop, over one embedded store.

Import a module and call its verb: `rfm.score(store)`.
"""

__version__ = "0.1.0"
