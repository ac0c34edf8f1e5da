"""Formulas as MathML, which browsers and readers of books set themselves: no script, none fetched."""
import html
import re

from docutils import nodes
from docutils.utils.math import latex2mathml

NAMES = re.compile(r'&(?!lt;|gt;|amp;|quot;)\w+;')
SIZES = re.compile(r'\\[Bb]igg?[lr]?(?![a-zA-Z])')  # of brackets, which MathML finds itself


def _mathml(node, as_block):
    formula = latex2mathml.tex2mathml(SIZES.sub('', node.astext()), as_block=as_block)
    # EPUB knows none of HTML's names for letters
    return NAMES.sub(lambda found: html.unescape(found[0]), formula)


def _inline(self, node):
    self.body.append(_mathml(node, False))
    raise nodes.SkipNode


def _block(self, node):
    self.body.append(f'<div class="math">{_mathml(node, True)}</div>\n')
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer('mathml', (_inline, None), (_block, None))
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
