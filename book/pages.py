"""The pages of the book, as Markdown for Sphinx, from notebooks and notes."""
import re

import nbformat

from . import citation, links, minutes, outputs, places
from .outputs import fold

DETAILS = re.compile(r'<details>\s*<summary>(.*?)</summary>(.*?)</details>', re.DOTALL)
NUMBERED = re.compile(r'^(#+ \d+)\. ', re.MULTILINE)
PLUMBING = 'Show the code'
ANSWER = 'What came out'


def write(folder, root=places.ROOT):
    """Write all pages.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; pictures and sounds go beside them.
    root : pathlib.Path
        The repository.

    Returns
    -------
    list of str
        The pages in the order of the book.
    """
    names = places.notebooks(root)
    notes = places.teaching(root)
    pages = {f'notebooks/{name}.ipynb': name for name in names} | {f'{name}.md': name for name in notes}
    for name in names:
        nb = nbformat.read(root / 'notebooks' / f'{name}.ipynb', as_version=4)
        children = [page for page in names if page.endswith(f'/{name}')]
        facts = f'---\nminutes: {minutes.of(nb, root)}\nnotebook: {name}\n---'
        _write(folder / f'{name}.md', [facts, *_blocks(nb, name, folder, pages), _contents(children)])
    for name in notes:
        text = (root / f'{name}.md').read_text(encoding='utf-8')
        children = [page for page in notes if name == 'teaching/README' and page != name]
        _write(folder / f'{name}.md', [_text(text, f'{name}.md', pages), _contents(children)])
    first = [name for name in names if '/' not in name]
    _write(folder / 'index.md', [_own('index'), _contents([*first, 'terms', *notes[:1], 'about'])])
    _write(folder / 'terms.md', [_own('terms')])
    _write(folder / 'about.md', [_own('about'), *citation.texts(root)])
    return ['index', *names, 'terms', *notes, 'about']


def _own(name):
    """A page that only the book has."""
    return (places.HERE / f'{name}.md').read_text(encoding='utf-8')


def _write(path, blocks):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n\n'.join(filter(None, blocks)) + '\n', encoding='utf-8')


def _blocks(nb, name, folder, pages):
    """The cells, block by block."""
    out = outputs.Outputs(name, folder)
    for cell in nb.cells:
        if cell.cell_type == 'markdown':
            yield _text(cell.source, f'notebooks/{name}.ipynb', pages, name.startswith('solutions/'))
        elif cell.cell_type == 'code':
            source = outputs.code(cell.source, 'python', 'code')
            skip = cell.metadata.get('slideshow', {}).get('slide_type') == 'skip'
            yield fold(PLUMBING, source, 'plumbing') if skip else source
            blocks = [links.redirect(block, f'notebooks/{name}.ipynb', pages) for block in out.markdown(cell)]
            if any(map(outputs.is_answer, cell.outputs)):
                asked = [block for block in blocks if outputs.is_question(block)]
                rest = [block for block in blocks if not outputs.is_question(block)]
                blocks = [*asked, fold(ANSWER, '\n\n'.join(rest), 'answer')]
            yield from blocks


def _text(text, source, pages, solution=False):
    """A text cell."""
    text = links.redirect(text, source, pages)
    text = text.replace('<br>', '<br />')
    text = NUMBERED.sub(r'\1\\. ', text)  # else a translation of the title is read as a list
    if solution:
        text = re.sub(r'^# Exercises ', '# Solutions ', text)
    return DETAILS.sub(lambda found: fold(found[1].strip(), found[2]), text)


def _contents(names):
    """What stands below a page in the contents."""
    if not names:
        return ''
    return '```{toctree}\n:hidden:\n\n' + '\n'.join(f'/{name}' for name in names) + '\n```'
