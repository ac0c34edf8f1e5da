"""Formulas as MathML, which browsers and readers of books set themselves: no script, nothing from elsewhere."""
from docutils import nodes
from docutils.utils.math import latex2mathml


def _inline(self, node):
    self.body.append(latex2mathml.tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _block(self, node):
    self.body.append(f'<div class="math">{latex2mathml.tex2mathml(node.astext(), as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer('mathml', (_inline, None), (_block, None))
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
