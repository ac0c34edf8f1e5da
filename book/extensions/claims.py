"""The directive ``claim``: a sign, the verdict, the sentence, and the intervals it rests on."""
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from .words import _

VERDICTS = {'holds': '✓', 'the opposite holds': '✗', 'does not hold': '✗'}  # anything else: ?


class claim(nodes.General, nodes.Element):
    """A claim: its sentence, then a list of figures."""


class Claim(SphinxDirective):
    """``:::{claim} holds`` with the sentence, and a list of figures below it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {'name': str, 'to': str}

    def run(self):
        node = claim(verdict=self.arguments[0], to=self.options.get('to', ''))
        if 'name' in self.options:
            node['ids'].append(self.options['name'])
        node += self.parse_content_to_nodes()
        for figures in node.findall(nodes.list_item):
            for line in figures.findall(nodes.paragraph):
                line['translatable'] = False  # numbers, and names that stand in the code
        return [node]


def _words(verdict):
    return {'holds': _('holds'), 'the opposite holds': _('the opposite holds'),
            'does not hold': _('does not hold'), 'undecided': _('undecided'),
            'undecided here': _('undecided here'), 'not judged': _('not judged')}.get(verdict, verdict)


def _open(self, node):
    verdict = str(_words(node['verdict']))
    if node['to']:
        verdict = f'<a href="#{node["to"]}">{verdict}</a>'
    sign = VERDICTS.get(node['verdict'], '?')
    self.body.append(self.starttag(node, 'div', CLASS='claim ' + {'✓': 'yes', '✗': 'no', '?': 'open'}[sign]))
    self.body.append(f'<p class="verdict"><span aria-hidden="true">{sign}</span> {verdict}</p>')


def _close(self, node):
    self.body.append('</div>\n')


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_node(claim, html=(_open, _close))
    app.add_directive('claim', Claim)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
