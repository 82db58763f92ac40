"""A folder of files named for the shop's tables, such as the sample shop, imported in one go."""

import threading
from pathlib import Path

from analytics.errors import FileError
from analytics.store.load import Progress, load
from analytics.store.receipt import Receipt
from analytics.store.schema import TABLES
from analytics.store.store import Store


def load_folder(
    store: Store,
    folder: str | Path,
    *,
    origin: str = "upload",
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> list[Receipt]:
    """Import `orders.csv`, `events.csv`, … of a folder; if one fails, none of them stays.

    Raises:
        FileError: The folder holds none of them, or one cannot be read.
        ImportCancelledError: `cancel` was set.
    """
    paths = [path for name in TABLES if (path := Path(folder) / f"{name}.csv").is_file()]
    if not paths:
        raise FileError(f"There is no shop in “{folder}”.", "Choose a folder with orders.csv.")
    sizes = [path.stat().st_size for path in paths]
    receipts: list[Receipt] = []
    try:
        for place, path in enumerate(paths):
            before, share = sum(sizes[:place]) / sum(sizes), sizes[place] / sum(sizes)

            def report(
                done: float,
                doing: str,
                *,
                before: float = before,
                share: float = share,
                name: str = path.stem,
            ) -> None:
                if progress:
                    progress(before + share * done, f"{name.capitalize()}: {doing.lower()}")

            receipts.append(load(store, path, origin=origin, progress=report, cancel=cancel))
    except BaseException:
        store.remove(*(done.batch_id for done in receipts if not done.repeated))
        raise
    return receipts
