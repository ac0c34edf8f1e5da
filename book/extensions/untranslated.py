"""In another language than English: each page says how much of it is translated, and what stays English."""
import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

from .words import _


class NoMessages(SphinxTransform):
    """Texts without a letter, such as figures in a table, are no messages."""

    default_priority = 10

    def apply(self, **_options):
        for node in self.document.findall(nodes.TextElement):
            # (inline ones would lose their place)
            if not isinstance(node, nodes.Inline) and not re.search(r'[^\W\d_]', node.astext()):
                node['translatable'] = False


class Note(SphinxTransform):
    """The note below the title."""

    default_priority = 30  # after the translation

    def apply(self, **_options):
        if self.config.language == 'en':
            return
        done = [node['translated'] for node in self.document.findall(nodes.Element)
                if 'translated' in node.attributes]
        share = sum(done) / len(done) if done else 0
        if not share:
            first = _('This page is in English: nobody has translated it yet.')
        elif share < 1:
            first = _('{share} % of this page is translated; the rest is in English.')
            first = first.format(share=int(100 * share))
        else:
            first = _('This page is a translation.')
        rest = _('Code, printed results, and what is written inside figures stay English. Native readers are '
                 'wanted: please tell us what reads wrong.')
        note = nodes.container('', nodes.paragraph('', f'{first} {rest}', translatable=False),
                               classes=['translation'])
        title = next(iter(self.document.findall(nodes.title)))
        title.parent.insert(title.parent.index(title) + 1, note)


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_transform(NoMessages)
    app.add_transform(Note)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
