"""A store of its own for each test of a page, and a way to fill it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st

from analytics.store import Store, inspect, load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "shop.duckdb"
    monkeypatch.setenv("REGULARS_STORE", str(path))
    monkeypatch.chdir(ROOT)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield path
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def fill(store_path: Path, tmp_path: Path) -> Callable[..., None]:
    def into(**texts: str) -> None:
        with Store(store_path) as store:
            for table, text in texts.items():
                file = tmp_path / f"{table}.csv"
                file.write_text(text, encoding="utf-8")
                load(store, file, inspect(file, table=table))

    return into
