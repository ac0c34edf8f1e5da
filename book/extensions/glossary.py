"""The glossary of the start page: each lesson links a term where it first uses it, and the directive
``terms-index`` lists all terms with the sections that do.

The first use is where the lesson sets the term in italics, as it does where it explains one; names that are
no everyday words (batch normalisation, L2-SP) are also found without italics.
"""
import re

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

HOME = '00_start_here'
NOT_IN = (nodes.reference, nodes.literal, nodes.title, nodes.caption, nodes.table, nodes.emphasis)


class terms_index(nodes.General, nodes.Element):
    """Where the index will stand."""


class TermsIndex(SphinxDirective):
    """``:::{terms-index}``"""

    def run(self):
        return [terms_index()]


class Terms(SphinxTransform):
    """Finds the terms on the start page, after the translation."""

    default_priority = 35

    def apply(self, **_options):
        if self.env.current_document.docname != HOME:
            return
        self.env.course_terms = {}  # id -> (the term as the page writes it, all its names)
        for row in self.document.findall(nodes.row):
            line = next(iter(row.findall(nodes.paragraph)), None)
            english = re.match(r'\*\*(.+?)\*\* \(', line.rawsource) if line is not None else None
            if english:
                name = 'term-' + re.sub(r'\W+', '-', english[1].lower()).strip('-')
                line['ids'].append(name)
                shown = next(iter(line.findall(nodes.strong))).astext()
                names = {part.casefold() for text in (english[1], shown)
                         for part in re.split(r'[,，、] ?', text)}
                self.env.course_terms[name] = (shown, names)


def uses(doctree, terms):
    """Where a lesson first uses each term.

    Returns
    -------
    dict of str to (docutils.nodes.Node, str)
        By the id of the term: the italics, or the text, and the words in it.
    """
    names = {name: key for key, (_, all_names) in terms.items() for name in all_names}
    names |= {f'{name}s': key for name, key in names.items()}
    found = {}
    for node in doctree.findall(nodes.emphasis):
        words = node.astext()
        # a title, such as Fine-Tuning, is no term
        key = None if re.search(r'[ -][A-Z][a-z]', words) else names.get(words.casefold())
        if key and key not in found and not _inside(node, (nodes.title, nodes.caption, nodes.reference)):
            found[key] = node, words
    special = [name for name in names if re.search(r'[ \d-]', name) and name.isascii()]
    special.sort(key=len, reverse=True)
    pattern = re.compile('|'.join(rf'\b{re.escape(name)}\b' for name in special), re.IGNORECASE)
    for node in doctree.findall(nodes.Text):
        if isinstance(node.parent, nodes.paragraph) and not _inside(node, NOT_IN):
            for match in pattern.finditer(node.astext()) if special else ():
                found.setdefault(names[match[0].casefold()], (node, match[0]))
    return found


def _inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def _is_lesson(page):
    return page[:2].isdigit() and page != HOME


def _resolve(app, doctree, document):
    terms = app.env.course_terms
    if _is_lesson(document):
        home = app.builder.get_relative_uri(document, HOME)
        by_node = {}
        for key, (node, words) in uses(doctree, terms).items():
            by_node.setdefault(node, []).append((words, f'{home}#{key}'))
        for node, links in by_node.items():
            _link(node, links)
    for node in list(doctree.findall(terms_index)):
        node.replace_self(_index(app, terms, document))


def _link(node, links):
    """Make links of words in a node."""
    if isinstance(node, nodes.emphasis):
        link = _reference(node.astext(), links[0][1])
        link.children = []
        node.replace_self(link)
        link += node
        return
    parts, text = [], node.astext()
    for words, target in sorted(links, key=lambda link: text.index(link[0])):
        before, found, text = text.partition(words)
        parts += [nodes.Text(before), _reference(words, target)] if found else [nodes.Text(before)]
    node.parent.replace(node, [*parts, nodes.Text(text)])


def _reference(words, target):
    return nodes.reference('', words, internal=True, refuri=target, classes=['term'])


def _numbered(section):
    """Its title, with the number of the section around it where it has none."""
    title, number, around = section[0].astext(), None, section
    while number is None and isinstance(around, nodes.section):
        number = re.match(r'\d+(\.\d+)?', around[0].astext())
        around = around.parent
    return title if number is None or title.startswith(number[0]) else f'{number[0]} {title}'


def _index(app, terms, document):
    places = {}
    for page in sorted(filter(_is_lesson, app.env.found_docs)):
        for key, (node, _) in uses(app.env.get_doctree(page), terms).items():
            section = node.parent
            while not isinstance(section, nodes.section):
                section = section.parent
            places.setdefault(key, []).append((page, section['ids'][0], _numbered(section)))
    index = nodes.bullet_list(classes=['terms-index'])
    for key, (shown, _) in terms.items():
        line = nodes.paragraph('', '', nodes.strong('', '', nodes.reference(
            '', shown, internal=True, refuri=f'{app.builder.get_relative_uri(document, HOME)}#{key}')))
        for page, place, title in places.get(key, []):
            line += nodes.Text(' · ')
            line += nodes.reference('', title, internal=True,
                                    refuri=f'{app.builder.get_relative_uri(document, page)}#{place}')
        index += nodes.list_item('', line)
    return index


def setup(app):
    """Register with Sphinx."""
    app.add_node(terms_index)
    app.add_directive('terms-index', TermsIndex)
    app.add_transform(Terms)
    app.connect('doctree-resolved', _resolve)
    return {'parallel_read_safe': False, 'parallel_write_safe': False}
