"""Each line of code in an element of its own, and its indent too: on a narrow screen a long line goes on
indented, indents are drawn smaller, and a line rather ends before a dot or behind a bracket than inside a
name."""
import re

from pygments.formatters import HtmlFormatter
from sphinx.highlighting import PygmentsBridge

INDENT = re.compile(r'^((?:<span class="w">)?)( +)((?:</span>)?)')
DOT = re.compile(r'(?<=.)(<span class="o">\.</span>)')
BRACKET = re.compile(r'(<span class="p">[^<]*[(\[{]</span>)(?=.)')


def _line(text):
    found = INDENT.match(text)
    if not found:
        return f'<span class="line">{text}\n</span>'
    deep = ' deep' if len(found[2]) > 8 else ''
    return (f'<span class="line{deep}" style="--in: {len(found[2])}"><span class="indent">{found[2]}</span>'
            f'{text[found.end():]}\n</span>')


class Lines(HtmlFormatter):
    """Pygments' own, with lines marked."""

    def _format_lines(self, tokensource):
        for code, line in super()._format_lines(tokensource):
            if code:
                text = DOT.sub(r'<wbr />\1', BRACKET.sub(r'\1<wbr />', line.rstrip('\n')))
                line = _line(text)
            yield code, line


def setup(app):
    """Register with Sphinx."""
    PygmentsBridge.html_formatter = Lines
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
