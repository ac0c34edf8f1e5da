"""The drawings of the lessons as SVG, found by the reading line below them; ``make diagrams`` draws them."""
from xml.etree import ElementTree

from . import places

DESCRIPTION = '{http://purl.org/dc/elements/1.1/}description'
TITLE = '{http://purl.org/dc/elements/1.1/}title'


def by_reading(folder=places.HERE / 'diagrams'):
    """The files.

    Returns
    -------
    dict of str to pathlib.Path
    """
    return {ElementTree.parse(path).find(f'.//{DESCRIPTION}').text: path for path in folder.glob('*.svg')}


def title(path):
    """What stands above a drawing.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    str
    """
    return ElementTree.parse(path).find(f'.//{TITLE}').text
