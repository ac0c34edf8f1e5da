"""The directive ``fold``: what is shut until the reader opens it. Its title is a message for translators."""
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .words import _


def _usual():
    """Titles that stand on many pages: the book's own words, so that they are translated once."""
    return {'Hint': _('Hint'), 'Expected output': _('Expected output'), 'Show the code': _('Show the code'),
            'What came out': _('What came out'), 'What holds': _('What holds')}


class fold(nodes.General, nodes.Element):
    """A box that opens."""


class fold_title(nodes.Part, nodes.TextElement):
    """What stands on it while it is shut."""


class Fold(SphinxDirective):
    """``:::{fold} Title``"""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {'class': str}

    def run(self):
        node = fold(classes=self.options.get('class', '').split())
        words, number = re.fullmatch(r'(.*?)( \(\d+\))?', self.arguments[0]).groups()
        if words in _usual():
            title, messages = fold_title('', f'{_usual()[words]}{number or ""}', translatable=False), []
        else:
            text, messages = self.parse_inline(self.arguments[0])
            title = fold_title(self.arguments[0], '', *text)
        title.source, title.line = self.get_source_info()
        node += [title, *messages, *self.parse_content_to_nodes()]
        return [node]


def _open(self, node):
    self.body.append(self.starttag(node, 'details', CLASS='fold'))


def _close(self, node):
    self.body.append('</details>\n')


def _open_title(self, node):
    self.body.append(self.starttag(node, 'summary', ''))


def _close_title(self, node):
    self.body.append('</summary>\n')


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_node(fold, html=(_open, _close))
    app.add_node(fold_title, html=(_open_title, _close_title))
    app.add_directive('fold', Fold)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
