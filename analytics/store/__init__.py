"""The shop's data, and all SQL."""

from analytics.store.also import Also
from analytics.store.backup import back_up, restore
from analytics.store.encodings import ENCODINGS
from analytics.store.export import ListFile, Preview, frame_csv, preview_list, write_list
from analytics.store.folder import load_folder
from analytics.store.frames import money
from analytics.store.grain import WORDS as GRAIN_WORDS
from analytics.store.inspect import Look, inspect
from analytics.store.join import belong_together, join
from analytics.store.load import load
from analytics.store.receipt import Receipt, explain_difference, receipt
from analytics.store.remember import as_before
from analytics.store.schema import TABLES, template
from analytics.store.settings import Policy
from analytics.store.sources import parts
from analytics.store.store import Store, sql_text

__all__ = [
    "ENCODINGS",
    "GRAIN_WORDS",
    "TABLES",
    "Also",
    "ListFile",
    "Look",
    "Policy",
    "Preview",
    "Receipt",
    "Store",
    "as_before",
    "back_up",
    "belong_together",
    "explain_difference",
    "frame_csv",
    "inspect",
    "join",
    "load",
    "load_folder",
    "money",
    "parts",
    "preview_list",
    "receipt",
    "restore",
    "sql_text",
    "template",
    "write_list",
]
