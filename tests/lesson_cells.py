"""Runs the cells of a lesson that one of them needs, in order, in an IPython of its own; a cell can be edited
before. ``python tests/lesson_cells.py NOTEBOOK CELL [JSON]``, JSON a dict from the id of a cell to pairs of
what is replaced and what takes its place.
"""
import json
import sys
from pathlib import Path

from d2lhelpers import provenance

import nbformat
from IPython.terminal.interactiveshell import TerminalInteractiveShell

ROOT = Path(__file__).resolve().parents[1]


def needed(cells, last):
    """The code cells up to `last` of which it uses a name, directly or through others."""
    names, found = set(), []
    for cell in reversed(cells[:[each['id'] for each in cells].index(last) + 1]):
        takes, makes = provenance.cell_names(cell.source)
        if cell['id'] == last or makes & names:
            found.insert(0, cell)
            names |= takes
    return found


def main(notebook, last, edits='{}'):
    """Run the cells; what they print is printed."""
    nb = nbformat.read(ROOT / 'notebooks' / f'{notebook}.ipynb', as_version=4)
    cells = needed([cell for cell in nb.cells if cell.cell_type == 'code'], last)
    edits = json.loads(edits)
    shell = TerminalInteractiveShell.instance()
    shell.run_line_magic('matplotlib', 'agg')
    for cell in cells:
        source = cell.source
        for old, new in edits.pop(cell['id'], []):
            assert old in source, f'{old!r} is not in the cell {cell["id"]}'
            source = source.replace(old, new)
        result = shell.run_cell(source, store_history=True)
        result.raise_error()
    assert not edits, f'not among the cells that run: {list(edits)}'


if __name__ == '__main__':
    main(*sys.argv[1:])
