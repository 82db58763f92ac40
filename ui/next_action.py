"""What customers will do next: the answer, what usually follows what, how sure it is, the list."""

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, propensity
from ui import plain

USUAL_BUDGET = 500
NEARLY_SURE = 0.97
"""Above that the page says why an action is foretold so well."""
HARDLY = 0.005
"""Of so small a share of the customers it is said that hardly anybody will."""
LIST_COLUMNS = [
    "place", "customer_id", "name", "email", "chance_share", "last_action", "last_at",
    "next_category",
]  # fmt: skip
EXPLAINED = (
    "Events are put in a row, customer by customer. A purchase is an event where there are "
    "purchase events, else an order, never both; messages sent, opened or clicked are left out. "
    "After 30 minutes of silence the customer has left, so that leaving is an action, too, and "
    "what comes after it is how the next visit begins. What had not come by the end of the log is "
    "neither learnt from nor judged. The last quarter of all steps judges; what was known only "
    "then teaches nothing. Beside the rule, which counts what follows the last action (a Markov "
    "chain), there are one that counts what follows the last five, a logistic regression, gradient "
    "boosting and, where it is installed, a recurrent neural network. These three learn from the "
    "last actions, the times between them, the hour, how often and how long ago each was done, and "
    "whether products and categories are the same. The model that gave most to what came answers "
    "if that is clearly more than the rule gave, and the more models are tried, the clearer it "
    "must be; ranges come from drawing customers. Whether somebody comes back at all is another "
    "question: ask who will order nothing any more.",
    "Markov chains with back-off after MacKay & Peto (1995); Hanley & McNeil (1982), right pairs "
    "(AUC); Cho et al. (2014), gated recurrent units; Field & Welsh (2007), drawing customers; "
    "scikit-learn’s and PyTorch’s models.",
    "next_moments", "next_action_list",
)  # fmt: skip
"""How next actions are foretold."""


def show(frame: ui.Frame) -> None:
    """The question, the answer, and all that stands behind it."""
    st.caption("What will a customer do next: look, put something into the cart, buy, or leave?")
    kept = _kept(frame)
    if kept is not None:
        report = kept.report
        _answer(frame, kept)
        _moves(frame, report)
        st.subheader("Ways to foretell it", anchor=False)
        _ways(frame, report)
        _actions(frame, report)
        _categories(frame, report)
        _people(frame, kept)
    ui.tables.explain(*EXPLAINED)


def _kept(frame: ui.Frame) -> propensity.KeptNext | None:
    """The answer, if it is there or asked for."""
    held = propensity.find_next(frame.store, frame.as_of)
    if held is None and not frame.store.tables().set_index("table")["rows"]["events"]:
        # It says at once what it needs.
        return propensity.keep_next(frame.store, frame.as_of)
    return ui.when_asked(
        held,
        "next_go",
        "It is learnt from your own events and judged by the last of them. That takes some "
        "seconds, with the neural network some minutes",
        "Learning what follows what, and judging by the last part …",
        lambda: propensity.keep_next(frame.store, frame.as_of),
    )


def _answer(frame: ui.Frame, kept: propensity.KeptNext) -> None:
    report = kept.report
    sums = _sums(frame, kept)
    told = []
    for here in (False, True):
        some = sums[sums["is_here"] == here]
        if some.empty:
            continue
        customers = int(some["customers"].iloc[0])
        ordered = some[(some["action"] != "leave") | here].nlargest(4, "expected")
        ordered = pd.concat(
            [ordered.iloc[:1], ordered.iloc[1:].query("expected >= 0.001 * customers")]
        )
        named = [
            f"“{plain(action)}” {expected / customers:.1%} (about {expected:,.0f})"
            for action, expected in zip(
                ordered["action"].astype(str), ordered["expected"].astype(float), strict=True
            )
        ]
        if here:
            told.append(
                f"**{customers:,}** were still on a visit when the log ended; next comes "
                f"{_listed(named)}."
            )
        else:
            told.append(
                f"**{customers:,} of {report.customers:,} customers have left by now.** The first "
                f"thing they do when they come back will be {_listed(named)}."
            )
    st.markdown(" ".join(told))
    st.markdown(plain(report.verdict.sentence))
    for note in report.notes:
        st.caption(plain(note))


def _sums(frame: ui.Frame, kept: propensity.KeptNext) -> pd.DataFrame:
    """How many customers are expected to do each action next."""
    sums = frame.store.query("next_action_sums", tables={"next_actions": kept.table})
    return sums.assign(expected=sums["millionths"] / 1e6)


def _listed(named: list[str]) -> str:
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _moves(frame: ui.Frame, report: propensity.NextReport) -> None:
    st.subheader("What follows what", anchor=False)
    st.caption(
        "Of a hundred times an action was done, how often what came next. After “leave” stands how "
        "the next visit began."
    )
    st.plotly_chart(
        charts.moves(report.moves), key="next_moves",
        alt="Share of each next action by the action before it",
    )  # fmt: skip
    ui.tables.frame_download(report.moves, f"moves-{frame.as_of}")


def _ways(frame: ui.Frame, report: propensity.NextReport) -> None:
    table = report.table
    shown = pd.DataFrame(
        {
            "method": table["label"],
            "kind": table["kind"],
            "in_use": table["used"].map({True: "✓", False: ""}),
            "given_to_what_came_share": np.exp(-table["log_loss"]),
            "range": _ranges(np.exp(-table["log_loss_hi"]), np.exp(-table["log_loss_lo"])),
            "log_loss": table["log_loss"].round(3),
            "f1_of_all_actions": table["macro_f1"].round(3),
        }
    )
    for action in ("buy", "cart", "leave"):
        if f"auc_{action}" in table:
            shown[f"pairs_{action}_share"] = table[f"auc_{action}"]
    shown["right_share"] = table["accuracy"]
    ui.tables.table(shown, "Ways to foretell the next action, by what they gave to what came")
    st.caption(
        f"Judged by {report.judged_steps:,} actions of {report.judged_customers:,} customers from "
        f"{ui.day(report.judged_from)} on, learnt from {report.learnt_steps:,} before. Given to "
        "what came: the chance given beforehand to the action that came, on average (geometric "
        "mean). "
        "Right pairs: of one moment after which it came and one after which it did not, how often "
        "the first had the higher chance; 50% is guessing. Accuracy flatters: naming the usual "
        "action always is often right and tells nothing."
    )
    if table["log_loss"].isna().any():
        st.caption(
            "The neural network takes no part, as PyTorch is not installed. It is large; whoever "
            "set Regulars up adds it with “make neural” in its folder."
        )
    ui.tables.frame_download(
        table, f"next-action-methods-{frame.as_of}", "Download this table, with ranges"
    )


def _ranges(lo: "pd.Series[float]", hi: "pd.Series[float]") -> list[str]:
    return [
        "" if pd.isna(low) else f"{100 * low:.1f} to {100 * high:.1f}%"
        for low, high in zip(lo, hi, strict=True)
    ]


def _actions(frame: ui.Frame, report: propensity.NextReport) -> None:
    """Each action apart: the way in use beside the rule."""
    used = report.table.loc[report.table["used"]].iloc[0]
    rule = report.table.loc[report.table["method"] == propensity.NEXT_RULE].iloc[0]
    rows = [
        {
            "action": action,
            "found_share": used[f"found_{action}"],
            "range": _ranges(
                pd.Series([used[f"found_{action}_lo"]]), pd.Series([used[f"found_{action}_hi"]])
            )[0],
            "found_by_rule_share": rule[f"found_{action}"],
            "pairs_share": used[f"auc_{action}"],
            "pairs_by_rule_share": rule[f"auc_{action}"],
            "likeliest_share": used[f"recall_{action}"],
        }
        for action in report.actions
        if f"found_{action}" in used.index
    ]
    found = pd.DataFrame(rows)
    st.markdown("**Action by action**")
    ui.tables.table(found, "How well each action is foretold")
    st.caption(
        "Found: if as many moments are named as the action really followed, how many of them are "
        "right. Was the likeliest: of the moments it followed, how many had it as the likeliest of "
        "all actions (recall); a rare action seldom is."
    )
    _nearly_sure(found, report.moves)
    ui.tables.frame_download(found, f"next-action-actions-{frame.as_of}")


def _nearly_sure(found: pd.DataFrame, moves: pd.DataFrame) -> None:
    """Why an action is foretold so well that one would suspect it was known beforehand."""
    reasons = []
    for action in found.loc[found["pairs_share"] > NEARLY_SURE, "action"]:
        into = moves[moves["next_action"] == action]
        if into.empty:
            continue
        before = into.loc[into["steps"].idxmax()]
        share = before["steps"] / into["steps"].sum()
        reasons.append(f"“{plain(action)}” comes after “{plain(before['action'])}” in {share:.0%}")
    if reasons:
        st.caption(
            f"More than {NEARLY_SURE:.0%} right pairs looks too good to be true. Here it is the "
            f"order in which a shop is used, not knowledge of the future: {', '.join(reasons)} of "
            "its times."
        )


def _categories(frame: ui.Frame, report: propensity.NextReport) -> None:
    st.subheader("Which category next", anchor=False)
    if report.categories.empty:
        st.info(
            "Too few events tell of products whose category is known. Import a product file with "
            "categories.",
            icon=":material/lightbulb:",
        )
        return
    used = report.categories.loc[report.categories["used"]].iloc[0]
    st.markdown(
        f"In **{used['hit_3_share']:.0%}** of the judged moments the category that came next was "
        f"among the three named by “{plain(used['label'])}”, in {used['hit_1_share']:.0%} it was "
        "the first."
    )
    shown = pd.DataFrame(
        {
            "method": report.categories["label"],
            "in_use": report.categories["used"].map({True: "✓", False: ""}),
            **{f"hit_{top}_share": report.categories[f"hit_{top}_share"] for top in (1, 3, 5)},
            "range": _ranges(report.categories["hit_3_lo"], report.categories["hit_3_hi"]),
        }
    )
    ui.tables.table(shown, "Ways to name the next category")
    ui.tables.frame_download(
        report.categories, f"next-categories-{frame.as_of}", "Download this table, with ranges"
    )


def _people(frame: ui.Frame, kept: propensity.KeptNext) -> None:
    """Those likeliest to do something next."""
    st.subheader("Who is likeliest to …", anchor=False)
    offered = [each for each in kept.report.actions if each != "leave"][::-1]
    usual = offered.index("buy") if "buy" in offered else 0
    left, right = st.columns(2)
    action = left.selectbox("Do next", offered, usual, key="next_wanted", persist_state="session")
    budget = right.number_input(
        "How many can you address?", 1, 100_000_000, USUAL_BUDGET, 50, key="next_budget",
        persist_state="session", help="The list holds so many, the likeliest first.",
    )  # fmt: skip
    sums = _sums(frame, kept)
    expected = float(sums.loc[sums["action"] == action, "expected"].sum())
    if expected < HARDLY * kept.report.customers:
        st.info(
            f"In your shop hardly anybody’s next action will be “{plain(action)}”: next comes how "
            "a visit begins, and the list says little. Who will buy in the coming days is asked "
            "under “Buy anything”.",
            icon=":material/info:",
        )
    ui.tables.people(
        frame, f"Likeliest to {action} next", "next_action_list", LIST_COLUMNS,
        tables={"next_actions": kept.table}, order_by="chance_share", action=action,
        limit=int(budget),
    )  # fmt: skip
