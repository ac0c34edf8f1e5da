"""The marks of a class as a table, and as a page for each student."""
import csv
import html
import io
import re
from string import Template

from ..files import write_whole

_PAGE = Template('''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>$student</title><style>
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
padding: .4em .8em .4em 0; border-bottom: 1px solid #ccc; } td:nth-child(3n+2) { white-space: nowrap; }
</style></head><body><h1>$student</h1>
$tables
<p>A fresh process ran the imports, functions and assignments of each notebook, and asked the checks of the
course anew$data. What was printed in the notebook does not count.</p>
</body></html>
''')
_SIGNS = {'right': '✓ right', 'not yet': '✗ not yet', 'not answered': '– not answered', 'caught': '! caught',
          'broken': '! left out', 'not marked': '? not marked'}


def write(marks, out, rules):
    """Write ``marks.csv`` and ``pages/<student>.html``.

    Parameters
    ----------
    marks : dict of Submission to list of Mark
    out : Path
        The folder.
    rules : Rules
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator='\n')
    writer.writerow(['student', 'exercise', 'passed', 'sentence', 'seconds'])
    pages = {}
    for submission, found in marks.items():
        for each in found:
            name = f'{submission.lesson} {each.what}'.replace(' exercise ', '.').strip()
            passed = {'right': 'yes', 'not marked': '?'}.get(each.verdict, 'no')
            writer.writerow([_harmless(text) for text in (submission.student, name, passed, each.sentence)]
                            + [f'{each.seconds:.1f}'])
        pages.setdefault(submission.student, []).append(_table(submission, found))
    write_whole(out / 'marks.csv', table.getvalue())
    (out / 'pages').mkdir(exist_ok=True)
    data = '' if rules.seed is None else ', on data that only the lecturer knows'
    for student, tables in pages.items():
        write_whole(out / 'pages' / f'{_file_name(student)}.html',
                    _PAGE.substitute(student=html.escape(student), tables='\n'.join(tables), data=data))


def _table(submission, marks):
    right = sum(each.verdict == 'right' for each in marks)
    of = sum(each.what.startswith('exercise') for each in marks)
    rows = ''.join(f'<tr><td>{html.escape(each.what.capitalize())}</td><td>{_SIGNS[each.verdict]}</td>'
                   f'<td>{html.escape(each.sentence)}</td></tr>\n' for each in marks)
    return f'<h2>{html.escape(submission.name)}: {right} of {of} right</h2>\n<table>\n{rows}</table>'


def _harmless(text):
    """A text that a spreadsheet does not take for a formula, on one line."""
    text = ' '.join(text.split())
    return f"'{text}" if text[:1] in ('=', '+', '-', '@') else text


def _file_name(student):
    return re.sub(r'[^\w.-]+', '_', student).lstrip('.') or '_'
