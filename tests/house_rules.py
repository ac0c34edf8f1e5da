"""House rules for committed notebooks: each function takes a notebook and returns what it breaks, a sentence
each, naming the cell.
"""
import re

import d2lhelpers
from d2lhelpers import provenance

import nbformat

from tools import freshness
from tools.execution import MOST_BYTES, cell_name
from tools.marks import mark, of_kind, said, tagged

MOST_CODE_CELLS, MOST_LINES, MANY_LINES, MOST_LONG_CELLS = 60, 25, 15, .15
MOST_COLUMNS = 103  # they fit into JupyterLab on a screen of 1000 pixels, see test_browser.py


def executed(nb):
    """Executed from top to bottom in a fresh kernel."""
    cells = [(index, cell) for index, cell in enumerate(nb.cells) if cell.cell_type == 'code']
    return [f'{cell_name(nb, index)} was executed as number {cell.execution_count}, but stands at {place}'
            for place, (index, cell) in enumerate(cells, 1) if cell.execution_count != place]


def fresh(nb):
    """Executed by make notebooks, and nothing that it used has changed since."""
    reasons = freshness.reasons(nb)
    return [f'it is due ({"; ".join(reasons)}): make notebooks'] if reasons else []


def records(nb):
    """The records of its studies were made by the code of today."""
    return [f'the record {record} is out of date ({"; ".join(of_study + package)}): make results'
            + ('' if of_study else ' CONFIRM=1')
            for record, (of_study, package) in freshness.record_reasons(nb).items()]


def one_meaning(nb):
    """Cells can be run again in any order: what a cell takes from another is made in one cell only, and in no
    cell is a name of the package hidden.
    """
    made, needed, broken = {}, {}, []
    for index, cell in enumerate(nb.cells):
        if cell.cell_type == 'code':
            takes, makes = provenance.cell_names(cell.source)
            for name in makes:
                made.setdefault(name, []).append(index)
            for name in takes:
                needed.setdefault(name, []).append(index)
            hidden = makes & set(d2lhelpers.__all__) if 'from d2lhelpers import' not in cell.source else ()
            broken += [f'{cell_name(nb, index)} hides {name} of the package' for name in sorted(hidden)]
    return broken + [f'{name}, which {cell_name(nb, needed[name][0])} needs, is made by '
                     + ' and by '.join(cell_name(nb, index) for index in made[name])
                     for name in needed if len(made.get(name, ())) > 1]


def no_errors(nb):
    """No exception in the outputs, but where the tag raises-exception says that it is the lesson."""
    return [f'{cell_name(nb, index)} shows an exception: {output.ename}'
            for index, cell, output in _outputs(nb)
            if output.output_type == 'error' and not tagged(cell, 'raises-exception')]


def no_stderr(nb):
    """No warnings, no frozen progress bars."""
    return [f'{cell_name(nb, index)} shows stderr: {output.text.strip()[:80]}'
            for index, _, output in _outputs(nb)
            if output.output_type == 'stream' and output.name == 'stderr']


def alt_texts(nb):
    """Every figure says in words what it shows."""
    broken = []
    for index, _, output in _outputs(nb):
        for kind in output.get('data', {}):
            if kind.startswith('image/') and not output.metadata.get(kind, {}).get('alt', '').strip():
                broken.append(f'{cell_name(nb, index)} shows a figure without alt text')
    for index, cell in enumerate(nb.cells):
        if cell.cell_type == 'markdown':
            pictures = [alt for alt, _ in re.findall(r'!\[(.*?)\]\((.*?)\)', cell.source)]
            pictures += [''.join(re.findall(r'\balt="(.*?)"', tag))
                         for tag in re.findall(r'<img\b.*?>', cell.source, re.DOTALL)]
            broken += [f'the text cell {index} shows a picture without alt text' for alt in pictures
                       if not alt.strip()]
    return broken


def headings(nb):
    """One title, first of all; below it no level is skipped."""
    found = [(len(marks), text.strip())
             for marks, text in re.findall(r'^(#{1,6}) +(.+)$', _prose(nb), re.MULTILINE)]
    if not found or found[0][0] != 1:
        return ['it does not begin with a title (# …)']
    broken = [f'a second title: {text!r}' for level, text in found[1:] if level == 1]
    broken += [f'heading {text!r} skips from level {above} to {level}'
               for (above, _), (level, text) in zip(found, found[1:], strict=False) if level > above + 1]
    return broken


def cell_lengths(nb):
    """Cells of one screen: few lines, and not too many cells."""
    lines = {index: len(cell.source.strip().splitlines()) for index, cell in enumerate(nb.cells)
             if cell.cell_type == 'code'}
    broken = [f'{cell_name(nb, index)} has {n} lines, more than {MOST_LINES}'
              for index, n in lines.items() if n > MOST_LINES]
    long = sum(n > MANY_LINES for n in lines.values())
    if long > MOST_LONG_CELLS * len(lines):
        broken.append(f'{long} of {len(lines)} code cells have more than {MANY_LINES} lines: at most '
                      f'{MOST_LONG_CELLS:.0%} may')
    if len(lines) > MOST_CODE_CELLS:
        broken.append(f'it has {len(lines)} code cells, more than {MOST_CODE_CELLS}')
    return broken


def line_lengths(nb):
    """No code cell scrolls sideways."""
    return [f'{cell_name(nb, index)} has a line of {len(line)} columns, more than {MOST_COLUMNS}: '
            f'{line.strip()}' for index, cell in enumerate(nb.cells) if cell.cell_type == 'code'
            for line in cell.source.splitlines() if len(line) > MOST_COLUMNS]


def small(nb):
    """Small enough for a history of many versions."""
    size = len(nbformat.writes(nb).encode())
    return [f'it has {size / 1000:.0f} kB, more than {MOST_BYTES / 1000:.0f}'] if size > MOST_BYTES else []


def no_traces(nb):
    """Nothing of the machine it was executed on: paths, addresses in memory, the index of its packages."""
    texts = [(f'the text cell {index}' if cell.cell_type == 'markdown' else cell_name(nb, index),
              cell.source) for index, cell in enumerate(nb.cells)]
    for index, _, output in _outputs(nb):
        data = [str(part) for kind, part in output.get('data', {}).items() if not kind.startswith('image/')]
        texts.append((f'the output of {cell_name(nb, index)}',
                      '\n'.join([output.get('text', ''), *output.get('traceback', []), *data])))
    traces = {'an absolute path':
              r'(?<![\w./:])/(?:home|root|work|tmp|usr|opt|mnt|srv|Users|private|workspaces?)/[\w.]',
              'an address in memory': r'\bat 0x[0-9a-f]{6,}',
              'a package index': r'index-url|https?://\S+/simple\b|\bpypi\b'}
    return [f'{place} holds {what}: {found[0]!r}' for place, text in texts for what, pattern in traces.items()
            if (found := re.search(pattern, text))]


def knobs(nb):
    """Where something is measured, in each section (## 3.1 …), the learner has a setting to turn."""
    broken, sections = [], []
    for cell in nb.cells:
        titles = re.findall(r'^## (\d+\.\d+ .+)$', cell.source, re.MULTILINE)
        if cell.cell_type == 'markdown':
            sections += [[title, ''] for title in titles]
        elif sections:
            sections[-1][1] += f'{cell.source}\n'
    for title, code in sections:
        measures = re.search(r'\.compare\(|\bstudy\(', code)
        if measures and not re.search(r'^# Turn it yourself: ', code, re.MULTILINE):
            broken.append(f'section {title} measures something, but has no cell "# Turn it yourself: …"')
    return broken


def kernel(nb):
    """The kernel that every Jupyter has, and no versions that differ from machine to machine."""
    name = nb.metadata.get('kernelspec', {}).get('name')
    broken = [] if name == 'python3' else [f'its kernel is {name}, not python3']
    if set(nb.metadata.get('language_info', {})) - {'name'}:
        broken.append('its language_info says more than the name: make notebooks takes that out')
    return broken


def unanswered(nb):
    """In an exercise every check finds the empty stub."""
    return _checks_say(nb, 'not answered')


def answered(nb):
    """In a solution every check says right."""
    return _checks_say(nb, 'right')


RULES = [executed, fresh, records, one_meaning, no_errors, no_stderr, alt_texts, headings, cell_lengths,
         line_lengths, small, no_traces, knobs, kernel]
# by folder; lessons have RULES
RULES_OF = {'exercises': [*RULES, unanswered], 'solutions': [*RULES, answered]}


def _checks_say(nb, verdict):
    """Each exercise has a check, and all give one verdict."""
    answers = sum(tagged(cell, 'answer') for cell in nb.cells)
    checks = [output for cell in nb.cells for output in of_kind(cell, 'check')]
    found = {mark(output)['exercise'] for output in checks}
    broken = [f'the check of exercise {number} says nothing' for number in range(1, answers + 1)
              if number not in found]
    broken += [f'the check of exercise {mark(output)["exercise"]} does not find it {verdict}, but says '
               f'{said(output).strip()!r}' for output in checks if mark(output)['verdict'] != verdict]
    return broken if answers else ['it has no cell tagged answer']


def _outputs(nb):
    """(index of the cell, cell, output) of every output."""
    return [(index, cell, output) for index, cell in enumerate(nb.cells)
            for output in cell.get('outputs', [])]


def _prose(nb):
    """The text cells, without what stands in fenced code."""
    text = '\n\n'.join(cell.source for cell in nb.cells if cell.cell_type == 'markdown')
    return re.sub(r'```.*?```', '', text, flags=re.DOTALL)
