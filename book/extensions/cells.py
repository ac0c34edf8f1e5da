"""Marks the cells of a table that hold a sentence or a phrase: the style gives them room, where others may be
as narrow as their longest word."""
import unicodedata

from docutils import nodes
from sphinx.transforms import SphinxTransform

SENTENCE, PHRASE = 70, 12  # letters; a Chinese one is as wide as two


class Cells(SphinxTransform):
    """After the translation."""

    default_priority = 40

    def apply(self, **_options):
        for cell in self.document.findall(nodes.entry):
            width = sum(1 + (unicodedata.east_asian_width(letter) in 'WF') for letter in cell.astext())
            if width > PHRASE:
                cell['classes'].append('sentence' if width > SENTENCE else 'phrase')


def setup(app):
    """Register with Sphinx."""
    app.add_transform(Cells)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
