"""All campaigns side by side: what was predicted, proven alone and proven together."""

from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics import campaign
from analytics.campaign.ledger import COLUMNS
from analytics.store import Store
from tests.campaign import simulate
from tests.campaign.conftest import Bring, orders_of
from tests.campaign.test_launching import launch, sides
from tests.campaign.test_results import AFTER, hand


def row(name: str, lift: float, error: float, **more: Any) -> dict[str, Any]:
    """A complete campaign of a hundred contacts."""
    given: dict[str, Any] = dict.fromkeys(COLUMNS, np.nan) | {
        "name": name, "kind": "win-back", "status": "complete", "treated": 100, "held_out": 50,
        "lift": lift, "lift_lo": lift - 1.96 * error, "lift_hi": lift + 1.96 * error,
        "standard_error": error, "revenue": 100 * lift, "cost": 20.0, "margin": 0.5,
        "profit": 50 * lift - 20.0, "proven": abs(lift) > 1.96 * error,
    }  # fmt: skip
    return given | more


def test_the_ledger_repeats_the_outcomes(shop: Store, bring: Bring) -> None:
    hand(shop, bring, ("30", "20"))
    late = launch(shop, "Late", start=pd.Timestamp("2024-07-02").date(), predicted_lift=2.5)
    bring("orders", orders_of([("y1", "c05", "2024-05-03", "7")]))
    found = campaign.ledger(shop)
    assert found.columns.tolist() == list(COLUMNS)
    assert found["name"].tolist() == ["Spring", "Late"]
    assert found["status"].tolist() == ["complete", "not started"]
    first, second = found.iloc[0], found.iloc[1]
    outcome = campaign.outcome(shop, "Spring")
    sales, profit = outcome.of("revenue"), outcome.of("profit")
    assert first["lift"] == sales["difference"]
    assert (first["lift_lo"], first["lift_hi"]) == (sales["difference_lo"], sales["difference_hi"])
    assert first["revenue"] == sales["total"]
    assert first["relative_lift"] == pytest.approx(sales["relative_lift"])
    assert (first["profit"], first["cost"]) == (profit["total"], float(outcome.cost))
    assert first["return_on_spend"] == outcome.of("return_on_spend")["total"]
    assert first["pooled_lift"] == pytest.approx(first["lift"])  # one campaign stands for itself
    assert first["verdict"] == outcome.verdict
    assert second["predicted_lift"] == 2.5
    assert second["treated"] == late.treated
    assert np.isnan(second["lift"])
    assert not second["proven"]


def test_an_interval_of_a_ledger_row_matches_its_standard_error(shop: Store, bring: Bring) -> None:
    made = launch(shop, window_days=20)
    treated, held = (sorted(side) for side in sides(shop, made))
    lines = [
        (f"n{one}", one, "2024-05-04", str(10 + place % 7))
        for place, one in enumerate(treated + held)
    ]
    bring("orders", orders_of([*lines, AFTER]))
    found = campaign.ledger(shop).iloc[0]
    assert (found["lift_hi"] - found["lift_lo"]) / 2 == pytest.approx(
        1.959963985 * found["standard_error"]
    )


def test_ten_small_campaigns_prove_something_together() -> None:
    lifts = [0.9, 1.4, 0.5, 1.2, 1.1, 0.7, 1.6, 0.8, 1.0, 1.3]
    found = pd.DataFrame([row(f"no {n}", lift, 0.9) for n, lift in enumerate(lifts)])
    kinds = campaign.pools(found, unit="EUR")
    kind = kinds.iloc[0]
    assert (kind["campaigns"], kind["proven_alone"], kind["proven"]) == (10, 0, True)
    assert kind["lo"] > 0
    assert "win-back: 10 campaigns together prove that a contact brings sales" in kind["sentence"]
    assert "None of them proves it alone." in kind["sentence"]
    whole = campaign.totals(found, unit="EUR")
    assert whole.revenue == pytest.approx(100 * sum(lifts))
    half = 1.959963985 * sqrt(10) * 0.9 * 100
    assert (whole.revenue_lo, whole.revenue_hi) == pytest.approx(
        (whole.revenue - half, whole.revenue + half)
    )
    assert whole.profit == pytest.approx(50 * sum(lifts) - 200)
    assert whole.profit_hi - whole.profit == pytest.approx(half / 2)
    assert whole.return_on_spend == pytest.approx(whole.profit / 200)
    assert whole.sentence.startswith("The 10 finished campaigns together raised sales by between")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("a", 1.0, 0.1)], "one campaign is over; a contact brought between"),
        ([row("a", 1.0, 0.1, proven=False)], "too few people bought for that to prove anything"),
        ([row("a", 1.0, 5.0)], "that alone proves nothing"),
        ([row("a", 1.0, 5.0), row("b", -1.0, 5.0)], "prove nothing yet"),
        ([row("a", 9.0, 0.1), row("b", -5.0, 5.0)], "1 of them proves an effect alone"),
        ([row("a", -5.0, 0.1), row("b", -5.2, 0.1)], "prove that a contact costs sales"),
    ],
)
def test_a_kind_in_words(rows: list[dict[str, Any]], said: str) -> None:
    sentence = campaign.pools(pd.DataFrame(rows))["sentence"].iloc[0]
    assert said in sentence
    assert "nan" not in sentence.lower()


def test_totals_in_words() -> None:
    nothing = campaign.totals(pd.DataFrame([row("a", 1.0, 1.0, status="running")]))
    assert "No campaign is over yet" in nothing.sentence
    silent = campaign.totals(pd.DataFrame([row("a", 0.0, np.nan)]))
    assert "No order came in the days of a finished campaign" in silent.sentence
    rest = campaign.totals(pd.DataFrame([row("a", 0.0, np.nan), row("b", 1.0, 0.1)]))
    assert rest.sentence.startswith("The one finished campaign raised sales")
    assert rest.sentence.endswith("Not counted: 1 more in whose days no order came.")
    unsure = campaign.totals(pd.DataFrame([row("a", 1.0, 5.0)]))
    assert "a rise is not proven" in unsure.sentence
    harm = campaign.totals(pd.DataFrame([row("a", -5.0, 0.5), row("b", -4.0, 0.5)]))
    assert "they did harm" in harm.sentence


def test_totals_cover_what_was_planted() -> None:
    """Forty times ten campaigns: the total's interval holds the true total."""
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(40):
        truths, lifts, errors = simulate.plays(10, 300, rng)
        found = pd.DataFrame(
            [row(str(n), *pair) for n, pair in enumerate(zip(lifts, errors, strict=True))]
        )
        whole = campaign.totals(found)
        covered += whole.revenue_lo <= 100 * truths.sum() <= whole.revenue_hi
    assert covered >= 34
