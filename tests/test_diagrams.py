"""Every diagram is shown once, says in words what it shows, and keeps its text inside the figure."""
import inspect

from d2lhelpers import diagrams

import matplotlib.pyplot as plt
import pytest

DRAWINGS = [function for name, function in inspect.getmembers(diagrams, inspect.isfunction)
            if function.__module__ == diagrams.__name__ and not name.startswith('_')]


@pytest.mark.parametrize('drawing', DRAWINGS, ids=lambda function: function.__name__)
def test_a_diagram(drawing, monkeypatch):
    shown = []
    monkeypatch.setattr(diagrams, 'show', lambda figure, reading: shown.append((figure, reading)))
    drawing()
    (figure, reading), = shown
    assert len(reading) > 40 and reading.endswith('.') and drawing.__doc__
    figure.canvas.draw()
    whole = figure.bbox
    for axis in figure.axes:
        for text in axis.texts:
            place = text.get_window_extent()
            assert (
                whole.x0 <= place.x0
                and place.x1 <= whole.x1
                and whole.y0 <= place.y0
                and place.y1 <= whole.y1
            ), text.get_text()
    plt.close(figure)
