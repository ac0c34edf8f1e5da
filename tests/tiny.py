"""A tiny repository for tests of the makers' tools: the package, two small modules more, no notebooks yet."""
import shutil

from d2lhelpers.environment import settings

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

README = ('<!-- picture:begin -->\n<!-- picture:end -->\nMap\n<!-- map:begin -->\nold\n<!-- map:end -->\n'
          '<!-- routes:begin -->\n<!-- routes:end -->\nEnd\n')
USED = '"""A module."""\n\n\ndef double(x):\n    """Twice."""\n    return 2 * x\n'
OTHER = 'x = 1\n'


def repository(folder):
    """Make it; kernels find its package where PYTHONPATH names the folder."""
    for name in ('notebooks/exercises', 'notebooks/solutions', 'data/results', 'data/weights'):
        (folder / name).mkdir(parents=True)
    for name in ('pyproject.toml', 'requirements.lock'):
        shutil.copy(settings.root / name, folder)
    (folder / 'README.md').write_text(README)
    package = folder / 'd2lhelpers'
    shutil.copytree(settings.root / 'd2lhelpers', package, ignore=shutil.ignore_patterns('__pycache__'))
    (package / 'used.py').write_text(USED)
    (package / 'other.py').write_text(OTHER)
    return folder


def write(root, name, *sources):
    """A notebook with a title and code cells."""
    cells = [new_markdown_cell(f'# About {name}'), *map(new_code_cell, sources)]
    return save(root / 'notebooks' / f'{name}.ipynb', new_notebook(cells=cells))


def save(path, nb):
    nbformat.write(nb, path)
    return path


def read(path):
    return nbformat.read(path, as_version=4)


def edit(path, old, new):
    """Change a text file in one place, or the source of one cell of a notebook."""
    if path.suffix == '.ipynb':
        nb = read(path)
        cell, = (cell for cell in nb.cells if old in cell.source)
        cell.source = cell.source.replace(old, new)
        save(path, nb)
    else:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
