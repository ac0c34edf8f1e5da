"""The drawings of the lessons as SVG, found by the reading line below them; ``make diagrams`` draws them."""
from xml.etree import ElementTree

from . import places

DESCRIPTION = '{http://purl.org/dc/elements/1.1/}description'


def by_reading(folder=places.HERE / 'diagrams'):
    """The files.

    Returns
    -------
    dict of str to pathlib.Path
    """
    return {ElementTree.parse(path).find(f'.//{DESCRIPTION}').text: path for path in folder.glob('*.svg')}
