"""The rule builder: groups within groups of conditions."""

from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from analytics import audience
from analytics.audience import (
    All,
    AnyOf,
    Cluster,
    Feature,
    Not,
    Rule,
)  # fmt: skip
from analytics.errors import AnalyticsError
from ui import plain
from ui.conditions import BEGINNINGS, KINDS, MIDDLE, SHOWN, Choices

JOINTS = {All: "All of these", AnyOf: "Any of these"}


@dataclass
class Node:
    """A group or a condition in the builder.

    Attributes:
        rule: A condition as it was last complete; nothing for a group.
        joint: How a group joins its parts.
        negated: Whether it is turned round.
        parts: The parts of a group.
        key: What its widgets are told apart by.
        fault: What is wrong with the condition, if anything is.
    """

    rule: Rule | None = None
    joint: type[All] | type[AnyOf] = All
    negated: bool = False
    parts: list["Node"] = field(default_factory=list)
    key: str = field(default_factory=lambda: uuid4().hex[:8])
    fault: AnalyticsError | None = None


def node_of(rule: Rule) -> Node:
    """A rule as the builder shows it; its outermost part is a group."""
    node = _node(rule)
    return Node(parts=[node]) if node.rule is not None or node.negated else node


def _node(rule: Rule) -> Node:
    match rule:
        case All(parts) | AnyOf(parts):
            return Node(joint=type(rule), parts=[_node(part) for part in parts])
        case Not(part):
            inner = _node(part)
            if inner.negated:
                return Node(negated=True, parts=[inner])
            inner.negated = True
            return inner
    return Node(rule)


def rule_of(node: Node) -> Rule:
    """The rule the builder shows; what is not complete is left out (see `incomplete`)."""
    return _rule(node) or All()


def incomplete(node: Node) -> str:
    """Why the rule cannot be counted or saved yet, as a sentence; empty where it is complete.

    A condition left out would silently widen an audience, so nothing counts until all are whole.
    """
    found = _problems(node)
    if not found:
        return ""
    more = len(found) - 1
    others = f" {more:,} more {'is' if more == 1 else 'are'} incomplete." if more else ""
    return f"Not counted yet: {found[0][0].lower()}{found[0][1:]}{others}"


def _problems(node: Node, *, top: bool = True) -> list[str]:
    if node.rule is not None:
        return [node.fault.problem] if node.fault else []
    if not node.parts and not top:
        return ["A group has no condition."]
    return [problem for part in node.parts for problem in _problems(part, top=False)]


def _rule(node: Node) -> Rule | None:
    found = node.rule
    if found is None:
        parts = tuple(part for one in node.parts if (part := _rule(one)) is not None)
        if not parts:
            return None
        found = parts[0] if len(parts) == 1 else node.joint(parts)
    elif node.fault:
        return None
    return Not(found) if node.negated else found


def show_group(node: Node, choices: Choices, above: Node | None = None) -> None:
    """A group with its conditions, and the buttons that add more."""
    with st.container(border=True, key=f"group_{node.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            node.joint = st.segmented_control(
                "Customers must fulfil", list(JOINTS), default=node.joint, required=True,
                format_func=lambda joint: JOINTS[joint], key=f"joint_{node.key}",
                label_visibility="collapsed" if above else "visible",
            )  # fmt: skip
            if above is not None:
                _negate(node)
                _remove(node, above)
        for part in list(node.parts):
            if part.rule is None:
                show_group(part, choices, node)
            else:
                _show_condition(part, choices, node)
        with st.container(horizontal=True):
            st.button(
                "Add a condition", icon=":material/add:", key=f"add_{node.key}",
                on_click=lambda: node.parts.append(Node(Feature("orders", "at_least", (1,)))),
            )  # fmt: skip
            st.button(
                "Add a group", icon=":material/data_object:", key=f"nest_{node.key}",
                on_click=lambda: node.parts.append(
                    Node(joint=AnyOf, parts=[Node(Feature("orders", "at_least", (1,)))])
                ),
            )  # fmt: skip


def _negate(node: Node) -> None:
    node.negated = st.checkbox("Not", node.negated, key=f"not_{node.key}")


def _remove(node: Node, above: Node) -> None:
    st.button(
        "Remove", icon=":material/close:", key=f"remove_{node.key}", type="tertiary",
        on_click=lambda: above.parts.remove(node),
    )  # fmt: skip


def _show_condition(node: Node, choices: Choices, above: Node) -> None:
    """One condition: what it is about, its particulars, Not and Remove."""
    assert node.rule is not None
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"condition_{node.key}"):
        offered = [kind for kind, (_, there) in KINDS.items() if there(choices)]
        if type(node.rule) not in offered:
            offered.append(type(node.rule))
        kind = st.selectbox(
            "About", offered, offered.index(type(node.rule)), key=f"kind_{node.key}",
            format_func=lambda kind: KINDS[kind][0], width=MIDDLE,
        )  # fmt: skip
        if kind is not type(node.rule):
            node.rule = BEGINNINGS[kind](choices)
        key = f"{node.key}_{kind.__name__}"
        try:
            node.rule = SHOWN[kind](node.rule, choices, key)
            audience.check(node.rule)
            node.fault = None
        except AnalyticsError as error:
            node.fault = error
        _negate(node)
        _remove(node, above)
    if node.fault:
        st.caption(f":material/info: Not counted yet. {plain(str(node.fault))}")
    if isinstance(node.rule, Cluster):
        st.caption("The groups are those of the Segments page with its usual choices.")
