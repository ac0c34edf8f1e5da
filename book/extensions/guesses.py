"""The directives ``guess`` and ``measured``: the question before an experiment, and the answer after it."""
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .words import _


class guess(nodes.General, nodes.Element):
    """A question and its options, or what was measured."""


class Guess(SphinxDirective):
    """``:::{guess}`` with the question and a list of options; ``:::{measured}`` with the answer."""

    has_content = True
    optional_arguments = 1  # the figure behind a measured answer

    def run(self):
        return [guess('', *self.parse_content_to_nodes(), kind=self.name, figure=''.join(self.arguments))]


def _open(self, node):
    title = _('Your guess first') if node['kind'] == 'guess' else _('Measured')
    self.body.append(self.starttag(node, 'div', CLASS=node['kind']))
    self.body.append(f'<p class="title">{title} {node["figure"]}</p>')


def _close(self, node):
    self.body.append('</div>\n')


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_node(guess, html=(_open, _close))
    app.add_directive('guess', Guess)
    app.add_directive('measured', Guess)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
