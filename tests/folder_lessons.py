"""Runs a lesson from top to bottom, once, in an IPython of its own, with training cut to a few batches: does
it come to its end on somebody's photos?

``python tests/folder_lessons.py NOTEBOOK.ipynb`` prints what the cells print, and a line for each that
raised.
"""
import sys

import nbformat
from any_order import RAISED, short_training
from IPython.terminal.interactiveshell import TerminalInteractiveShell


def main(path):
    """Run it; returns how many cells raised."""
    short_training()
    shell = TerminalInteractiveShell.instance()
    shell.run_line_magic('matplotlib', 'agg')
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == 'code']
    raised = 0
    for cell in cells:
        result = shell.run_cell(cell.source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        # data/results/verdicts.csv says what a claim comes out as on the course's photos, not on these
        if error and 'in data/results/verdicts.csv' not in str(error):
            raised += 1
            print(f'{RAISED} in {cell["id"]}: {type(error).__name__}: {error}', flush=True)
    print(f'{len(cells)} cells, {raised} raised')
    return raised


if __name__ == '__main__':
    sys.exit(min(main(sys.argv[1]), 1))
