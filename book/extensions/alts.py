"""The directive ``drawn``: a figure whose alt text says what is drawn. What to see in it says the reading
line, which is its caption; so nobody hears the same sentence twice.
"""
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import Figure
from sphinx.transforms import SphinxTransform

from .words import _

FACTS = ('kind', 'title', 'xlabel', 'ylabel', 'names')


class Drawn(Figure):
    """``:::{drawn} 01.png``, with the facts of `book.drawn` as options and the reading line inside."""

    option_spec = Figure.option_spec | dict.fromkeys(FACTS, directives.unchanged)

    def run(self):
        facts = {fact: self.options.pop(fact) for fact in FACTS if fact in self.options}
        found = super().run()
        for node in found:
            for image in node.findall(nodes.image):
                image['facts'] = facts
        return found


def _kinds():
    return {'diagram': _('Diagram'), 'pictures': _('Sheet of pictures'),
            'filters': _('Filters as small pictures'), 'curves': _('Line chart'), 'paths': _('Line chart'),
            'lines': _('Line chart'), 'bands': _('Line chart with a band of spread for each line'),
            'panels': _('Line charts side by side'), 'boxes': _('Bar charts in boxes'),
            'leads': _('Dots with an interval in each row'),
            'dots': _('Dots in rows'), 'points': _('Clouds of points'), 'word_map': _('Map of words'),
            'spectrograms': _('Spectrograms: time across, frequency up')}


def alt(facts, section):
    """The sentence.

    Parameters
    ----------
    facts : dict of str to str
        By `book.drawn`; words inside of figures are English in each language.
    section : str
        The title of the section it stands in, for a figure without its own.

    Returns
    -------
    str
    """
    kind = _kinds().get(facts.get('kind'), _('Drawing'))
    parts = [_('{kind} “{title}”').format(kind=kind, title=facts['title']) if 'title' in facts else
             _('{kind} in the section “{title}”').format(kind=kind, title=section)]
    if 'xlabel' in facts and 'ylabel' in facts:
        parts.append(_('up: {up}, across: {across}').format(up=facts['ylabel'], across=facts['xlabel']))
    elif 'xlabel' in facts:
        parts.append(_('across: {across}').format(across=facts['xlabel']))
    elif 'ylabel' in facts:
        parts.append(_('up: {up}').format(up=facts['ylabel']))
    if 'names' in facts:
        parts.append(_('shown: {names}').format(names=facts['names']))
    return '; '.join(map(str, parts))


class Alts(SphinxTransform):
    """After the translation."""

    default_priority = 40

    def apply(self, **_options):
        if self.app.builder.name == 'gettext':
            return  # made from words that are translated already, so no message of the page
        for image in self.document.findall(nodes.image):
            if 'facts' not in image:
                continue
            section = image
            while not isinstance(section, nodes.section):
                section = section.parent
            image['alt'] = alt(image['facts'], section[0].astext())
            del image['facts']


def setup(app):
    """Register with Sphinx."""
    app.setup_extension('book.extensions.words')
    app.add_directive('drawn', Drawn)
    app.add_transform(Alts)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
