"""Runs the cells of a notebook again, in an IPython of its own, and says where something else comes out.

First from top to bottom, every cell twice in a row; then, the end reached, some random earlier cells.
``python tests/any_order.py NOTEBOOK.ipynb`` prints a sentence for each difference. Training is cut to a few
batches: the question is what a cell takes from others, not what a network learns.
"""
import itertools
import json
import os
import random
import re
import sys
import time
from pathlib import Path

from d2lhelpers import speed, training

import nbformat
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from IPython.utils.capture import capture_output

BATCHES = 3  # of an epoch
# Of CPU, where `speed.seconds` is PROBE: a cell that takes longer, such as one that draws a dataset, runs
# once; one that waits for other processes may take so many times longer by the clock
SECONDS, PROBE, WAITS = 2, .065, 10
AGAIN = 20  # random cells after the end
RAISED = 'raised'
MEASURED = ' ms of one core'  # a cell that measures time runs once: it says something else each time
# a network that is kept is not trained twice, and the number of an execution is another each time
LEFT_OUT = r'^(?:An epoch is \d|\d+ updates: ).*\n?|\b(?:In |Out)\[\d+\]'


def short_training():
    """`fit` with the first batches of each epoch alone."""
    fit = training.fit

    def short(loss, batches, *args, **kwargs):
        return fit(loss, _Few(batches) if hasattr(batches, '__len__') else batches, *args, **kwargs)
    training.fit = short


class _Few:
    """The first of some batches."""

    def __init__(self, batches):
        self._batches = batches

    def __iter__(self):
        return itertools.islice(self._batches, BATCHES)

    def __len__(self):
        return min(BATCHES, len(self._batches))


class Again:
    """A notebook whose cells are run and run again."""

    def __init__(self, path):
        self._shell = TerminalInteractiveShell.instance()
        self._shell.run_line_magic('matplotlib', 'agg')
        self._cells = [cell.source for cell in nbformat.read(path, as_version=4).cells
                       if cell.cell_type == 'code']
        self._said, self._short, self._differences = {}, [], []

    def _run(self, number):
        """What a cell puts out, as a list."""
        with capture_output() as captured:
            result = self._shell.run_cell(self._cells[number], store_history=True)
        found = [captured.stdout, *(json.dumps(output.data, default=repr, sort_keys=True)
                                    for output in captured.outputs)]
        if result.result is not None:
            found.append(json.dumps(self._shell.display_formatter.format(result.result)[0], default=repr))
        if not result.success:
            found.append(f'{RAISED} {result.error_before_exec or result.error_in_exec!r}')
        return [re.sub(LEFT_OUT, '', each, flags=re.MULTILINE) for each in found]

    def _compare(self, number, when):
        now, before = self._run(number), self._said[number]
        if now != before:
            pairs = itertools.zip_longest(before, now, fillvalue='nothing')
            one, other = next((one, other) for one, other in pairs if one != other)
            self._note(number, f'says {when}: {other[:300].strip()!r}, and before: {one[:300].strip()!r}')

    def _note(self, number, what):
        self._differences.append(f'cell {number + 1} ({self._cells[number].splitlines()[0]}) {what}')

    def _top_to_bottom(self):
        """Every cell, and at once again where it is short."""
        short = SECONDS * max(1, speed.seconds() / PROBE)
        for number in range(len(self._cells)):
            began, clock = time.process_time(), time.monotonic()
            self._said[number] = self._run(number)
            if self._said[number][-1].startswith(RAISED):
                self._note(number, self._said[number][-1])
            quick = time.process_time() - began < short and time.monotonic() - clock < WAITS * short
            if quick and not any(MEASURED in said for said in self._said[number]):
                self._short.append(number)
                self._compare(number, 'run twice in a row')

    def _at_random(self):
        """Some short cells, after all others, in random order; returns how many."""
        numbers = random.Random(0).sample(self._short, min(AGAIN, len(self._short)))
        for number in numbers:
            self._compare(number, 'after the end')
        return len(numbers)

    def run(self):
        """Run everything; returns how much was compared, and what differs."""
        self._top_to_bottom()
        at_random = self._at_random()
        return {'cells': len(self._cells), 'again': len(self._short), 'at random': at_random,
                'differences': self._differences}


def main(path):
    """Print what was compared and what differs, as JSON."""
    path = Path(path).resolve()
    os.chdir(path.parent)
    short_training()
    print(json.dumps(Again(path).run()))


if __name__ == '__main__':
    main(sys.argv[1])
