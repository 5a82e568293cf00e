"""Result in, `plotly.graph_objects.Figure` out: nothing is computed, shown or written here."""
