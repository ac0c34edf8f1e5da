"""Marks the cells of a table that hold a sentence: the style gives them room, where others may be as narrow
as their longest word."""
from docutils import nodes
from sphinx.transforms import SphinxTransform

SENTENCE = 40


class Cells(SphinxTransform):
    """After the translation."""

    default_priority = 40

    def apply(self, **_options):
        for cell in self.document.findall(nodes.entry):
            if len(cell.astext()) > SENTENCE:
                cell['classes'].append('long')


def setup(app):
    """Register with Sphinx."""
    app.add_transform(Cells)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
