"""What the database says of disk, memory and locks, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analytics.errors import StoreError


@contextmanager
def plain_words() -> Iterator[None]:
    """Turn what the database says of disk, memory and locks into what the user can do."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            "There is too little memory for this.",
            "Close other programs, or take a shorter period, and try again.",
        ) from error
    except duckdb.IOException as error:
        said = str(error)
        if "set lock on file" in said or "being used by another process" in said:
            raise StoreError(
                "The store is open in another program.",
                "Close the other Regulars, or set REGULARS_STORE to another file.",
            ) from error
        if "valid DuckDB database file" in said:
            raise StoreError(
                "The file is not a Regulars store.", "Set REGULARS_STORE to another file."
            ) from error
        if "version" in said and "read" in said:
            raise StoreError(
                "The store was written by a newer version of Regulars.",
                "Update Regulars, or set REGULARS_STORE to another file.",
            ) from error
        raise _no_space() from error
    except duckdb.TransactionException as error:
        if "Could not write file" in str(error):
            raise _no_space() from error
        raise
    except duckdb.InvalidInputException as error:
        if "configuration has been locked" in str(error):
            raise StoreError(
                "The store is already open in this program.",
                "Use the store that is open, or close it first.",
            ) from error
        raise
    except duckdb.FatalException as error:
        raise StoreError(
            "The store had to stop, because it could not be written safely.",
            "Check that the disk has space, and start Regulars again; nothing was lost.",
        ) from error
    except duckdb.Error as error:
        if "Corrupt database file" in str(error):
            raise StoreError(
                "The store file is damaged.",
                "Restore it from a backup, or set REGULARS_STORE to another file.",
            ) from error
        raise


def _no_space() -> StoreError:
    return StoreError(
        "The disk is full or cannot be written to.",
        "Free some space, check the folder's permissions, and try again; nothing was changed.",
    )
