"""Small shops with experiments, and what is read off the Experiments page."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


def orders(buyers: dict[str, float], day: str = "2024-03-05") -> str:
    """An order of each buyer, and two of a stranger: the data go from January to the end of May."""
    lines = [f"{who},{who},{day} 15:00:00,tea,1,{price},EUR" for who, price in buyers.items()]
    head = "order_id,customer_id,ordered_at,product_id,quantity,unit_price,currency\n"
    stranger = [f"{day},zoe,{day} 10:00:00,tea,1,1,EUR" for day in ("2024-01-02", "2024-05-31")]
    return head + "\n".join([*lines, *stranger, ""])


def assignments(sizes: dict[str, int], name: str = "bar", day: str = "2024-03-01") -> str:
    rows = [
        f'{name},{variant[0]}{n},"{variant}",{day} 12:00:00'
        for variant, size in sizes.items()
        for n in range(size)
    ]
    return "experiment,customer_id,variant,assigned_at\n" + "\n".join([*rows, ""])


def spenders(variant: str, buyers: int, price: float) -> dict[str, float]:
    """Some customers of a variant with an order, at prices that differ a little."""
    return {f"{variant[0]}{n}": price + n % 5 for n in range(buyers)}


def visit(part: str = "Results", **state: Any) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.session_state["experiments_part"] = part
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page("pages/experiments.py").run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    boxes = (*at.subheader, *at.markdown, *at.caption, *at.info, *at.warning, *at.error,
             *at.success)  # fmt: skip
    text = "\n".join(str(box.value) for box in boxes).replace("\\", "")
    assert "nan" not in text.split()
    assert "None" not in text.split()
    return text


def verdicts(at: AppTest) -> list[str]:
    return [str(box.value).replace("\\", "") for box in at.subheader]


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    at.run()
    assert not at.exception, at.exception
    return at


def box(at: AppTest, kind: str, label: str) -> Any:
    return next(one for one in getattr(at, kind) if one.label == label)
