"""``make diagrams``: the drawings of the lessons as SVG, in ``book/diagrams/``, for the book: sharp at any
size. The book finds them by the reading line below the drawing.
"""
import inspect
import io
import re

from d2lhelpers import diagrams
from d2lhelpers.environment import settings
from d2lhelpers.files import write_whole

import matplotlib
import matplotlib.pyplot as plt

FOLDER = 'book/diagrams'


def draw(root=settings.root):
    """Write them all.

    Parameters
    ----------
    root : pathlib.Path
        The repository.
    """
    for name, svg in drawn().items():
        write_whole(root / FOLDER / f'{name}.svg', svg)


def drawn():
    """The drawings as SVG, by name; their title and reading line stand inside.

    Returns
    -------
    dict of str to str
    """
    made, usual = {}, diagrams.show
    try:
        for name, function in inspect.getmembers(diagrams, inspect.isfunction):
            if function.__module__ == diagrams.__name__ and not name.startswith('_'):
                diagrams.show = lambda figure, reading, name=name: made.update({name: _svg(figure, reading)})
                function()
    finally:
        diagrams.show = usual
    return made


def _svg(figure, reading):
    data = io.StringIO()
    title = ', '.join(filter(None, (axis.get_title() for axis in figure.axes)))
    # the same file from the same drawing
    with matplotlib.rc_context({'svg.hashsalt': 'd2lhelpers', 'svg.fonttype': 'path'}):
        figure.savefig(data, format='svg', metadata={'Title': title, 'Description': reading, 'Date': None,
                                                     'Creator': None})
    plt.close(figure)
    svg = re.sub(r'[ \t]+$', '', data.getvalue(), flags=re.MULTILINE)
    # EPUB allows no document type from elsewhere, and wants each path to have a way, that of a space too
    svg = re.sub(r'<!DOCTYPE.*?>\n', '', svg, flags=re.DOTALL)
    return re.sub(r'(<path(?: id="[^"]*"| transform="[^"]*")*)/>', r'\1 d="M0 0"/>', svg)


if __name__ == '__main__':
    draw()
