"""Ratings on the Recommendations page: shown where there are any."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui
from analytics import recommend

ROOT = Path(__file__).parents[2]
ORDERS = "order_id,customer_id,ordered_at,product_id,quantity,unit_price\n" + "".join(
    f"{n},c{n % 12},2024-03-{1 + n % 28:02d},p{n % 7},1,5\n" for n in range(48)
)


def events(count: int) -> str:
    """Ratings by each of 12 customers, and one that is none."""
    rng = np.random.default_rng(1)
    lines = [
        f"c{n % 12},2024-03-{1 + n // 12:02d} 10:{n % 60:02d}:00,rating,p{n // 12},"
        f"{rng.integers(1, 6)}\n"
        for n in range(count)
    ]
    lines.append("c1,2024-03-01 09:00:00,rating,p99,50\n")
    return "customer_id,occurred_at,event,product_id,value\n" + "".join(lines)


def evidence() -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    at.switch_page("pages/recommendations.py").run()
    next(one for one in at.button if one.label == "Find what to recommend").click().run()
    at.session_state["recommend_tab"] = "Evidence"
    at.run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.markdown, *at.caption, *at.info, *at.error)
    return "\n".join(str(box.value) for box in boxes).replace("\\", "")


def test_ratings_are_shown_with_how_far_off_each_method_is(fill: Callable[..., None]) -> None:
    fill(orders=ORDERS, events=events(240))
    at = evidence()
    found = recommend.rate(ui.store())
    assert found.verdict in said(at)
    assert "1 ratings are not from 1 to 5" in said(at)
    shown = at.dataframe[-1].value
    assert shown["method"].tolist() == found.table["label"].tolist()
    np.testing.assert_allclose(shown["rmse_points"], found.table["rmse"], atol=1e-3)


def test_too_few_ratings_are_a_sentence(fill: Callable[..., None]) -> None:
    fill(orders=ORDERS, events=events(24))
    assert "Only 24 ratings from 1 to 5 are known" in said(evidence())


def test_without_ratings_nothing_is_said_of_them(fill: Callable[..., None]) -> None:
    fill(orders=ORDERS)
    assert "rating" not in said(evidence()).lower()


@pytest.mark.skipif("neural" in recommend.METHODS, reason="the extra `neural` is installed")
def test_it_is_told_how_to_add_the_neural_network(fill: Callable[..., None]) -> None:
    fill(orders=ORDERS)
    assert ".venv/bin/pip install torch" in said(evidence())
