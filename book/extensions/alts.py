"""Alt texts. A figure with a reading line below it says where it stands, and that the line describes it: so
nobody hears the same sentence twice. A picture without one keeps its own."""
from docutils import nodes
from sphinx.transforms import SphinxTransform

from .words import _


class Alts(SphinxTransform):
    """After the translation."""

    default_priority = 40

    def apply(self, **_options):
        if self.app.builder.name == 'gettext':
            return  # made from words that are translated already, so no message of the page
        for figure in self.document.findall(nodes.figure):
            if not any(isinstance(child, nodes.caption) for child in figure):
                continue
            section = figure
            while not isinstance(section, nodes.section):
                section = section.parent
            alt = _('Figure in the section “{section}”, described below it')
            alt = alt.format(section=section[0].astext())
            for image in figure.findall(nodes.image):
                image['alt'] = alt


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_transform(Alts)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
