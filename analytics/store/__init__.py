"""The shop's data, and all SQL."""

from analytics.store.export import ListFile, Preview, preview_list, write_list
from analytics.store.folder import load_folder
from analytics.store.frames import money
from analytics.store.inspect import Look, inspect
from analytics.store.load import load
from analytics.store.receipt import Receipt, receipt
from analytics.store.schema import TABLES
from analytics.store.store import Policy, Store, sql_text

__all__ = [
    "TABLES",
    "ListFile",
    "Look",
    "Policy",
    "Preview",
    "Receipt",
    "Store",
    "inspect",
    "load",
    "load_folder",
    "money",
    "preview_list",
    "receipt",
    "sql_text",
    "write_list",
]
