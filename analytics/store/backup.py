"""The whole store as one file, and back again."""

import shutil
from pathlib import Path

from analytics.errors import StoreError
from analytics.store.faults import plain_words
from analytics.store.store import Store


def back_up(store: Store) -> Path:
    """Copy the store, as it stands, to one file in the stage folder; the caller deletes it.

    Raises:
        StoreError: The store lives in memory only, or the disk is full.
    """
    if store.path == ":memory:":
        raise StoreError("A store in memory has no file.", "Open a store with a path.")
    target = store.stage_file("backup")
    with store.quiet():
        try:
            shutil.copyfile(store.path, target)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise StoreError(
                "The disk is full or cannot be written to.", "Free some space and try again."
            ) from error
    return target


def restore(store: Store, backup: Path) -> Store:
    """Put a backup in the store's place, and open it.

    The backup is opened and checked first; only then does it take the place of the present store,
    in one step, so that whatever happens one of the two is there.

    Returns:
        The store anew; the old object is closed.

    Raises:
        StoreError: The backup is no store, or is newer or damaged; the present store stays open.
    """
    if store.path == ":memory:":
        raise StoreError("A store in memory has no file.", "Open a store with a path.")
    if not backup.stat().st_size:
        raise StoreError("The backup is empty.", "Choose the file that was saved as a backup.")
    checked = Path(store.path).with_name(Path(store.path).name + ".restoring")
    with plain_words():
        shutil.copyfile(backup, checked)
        try:
            with Store(checked) as candidate:
                candidate.tables()
        except StoreError:
            checked.unlink(missing_ok=True)
            raise
    store.close()
    checked.replace(store.path)
    Path(store.path + ".wal").unlink(missing_ok=True)
    return Store(store.path)
