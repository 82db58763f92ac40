"""The house's look: its colours, and what every chart shares."""

import plotly.graph_objects as go

TEAL, AMBER, GREY = "#0f766e", "#b45309", "#94a3b8"
SHADES = ("#0f766e", "#0d9488", "#2563eb", "#4f46e5", "#7c3aed", "#64748b", "#475569", "#334155")


def plain(figure: go.Figure, height: int) -> go.Figure:
    """No frame, little margin; the page's theme brings fonts and background."""
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 24, "b": 8}, showlegend=False
    )
