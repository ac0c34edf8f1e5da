"""What came out of a cell, as Markdown: pictures with their reading line, tables, claims, guesses, print.

What printed an output has marked it (`d2lhelpers.messages.say`); the code above it is asked for the alt text
of a picture alone (`drawn`).
"""
import base64
import json
import re

from . import diagrams, drawn, tables

PICTURES = {'image/png': 'png', 'image/jpeg': 'jpeg'}
SPECIAL = re.compile(r'(`[^`]+`)|([\\`*_{}\[\]<>#|$])')
CLAIM = re.compile(r'(?P<verdict>[a-z ]+?): (?P<text>.+)')


def plain(text):
    """A text that Markdown shows letter by letter, but for `code`."""
    text = SPECIAL.sub(lambda found: found[1] or f'\\{found[2]}', text)
    return re.sub(r'^(\s*\d+)([.)]\s)', r'\1\\\2', text)


def fold(title, inside, kind=''):
    """Something that is shut until the reader opens it.

    Parameters
    ----------
    title : str
    inside : str
        Markdown.
    kind : str
        A word for the style sheet.
    """
    return directive('fold', inside, title, {'class': kind} if kind else None)


def directive(name, inside, title='', options=None):
    """A block of Markdown with a name; its fence is longer than any inside."""
    fence = ':' * max([3, *(len(each) + 1 for each in re.findall(r'^:{3,}', inside, re.MULTILINE))])
    lines = [f'{fence}{{{name}}} {title}'.rstrip(),
             *(f':{key}: {value}' for key, value in (options or {}).items())]
    if inside.strip():
        lines += ['', inside.strip()]
    return '\n'.join([*lines, fence])


def code(text, language='text', kind='printed'):
    """Code, or what was printed, letter by letter."""
    text = text.rstrip('\n')
    fence = '`' * max([3, *(len(each) + 1 for each in re.findall(r'`{3,}', text))])
    return f'{fence}{{code-block}} {language}\n:class: {kind}\n\n{text}\n{fence}'


def printed(text):
    """What was printed; a table of columns is marked, for it must not wrap."""
    rows = [line for line in text.splitlines() if re.search(r'\S {2,}\S.* {2,}\S', line)]
    columns = len(rows) > 2 and 2 * len(rows) > len(text.splitlines())
    return code(text, kind='printed columns' if columns else 'printed')


class Outputs:
    """Those of the cells of one notebook.

    Parameters
    ----------
    page : str
        Its name in the book.
    folder : pathlib.Path
        Where its pictures and sounds are put: beside the page.

    Attributes
    ----------
    claims : dict of str to str
        The sentences claimed so far, and the ids of the places where.
    """

    def __init__(self, page, folder):
        self.folder = folder / page
        self.name = page.rpartition('/')[2]
        self.claims = {}
        self.files = 0
        self.drawings = diagrams.by_reading()
        self.calls = drawn.Calls()

    def markdown(self, cell):
        """What came out of a cell.

        Returns
        -------
        list of str
            Markdown, block by block.
        """
        self.calls.read(cell.source)
        blocks, said, reading = [], '', None
        for output in cell.outputs:
            if output.output_type == 'stream':
                said += output.text
                continue
            if said.strip():
                blocks.append(printed(said))
            said = ''
            data = output.data
            if reading and data.get('text/markdown', '').strip().strip('*') == reading:
                reading = None  # it stands below the picture already
                continue
            kind = output.metadata.get('d2lhelpers', {}).get('kind')
            picture = next((mime for mime in PICTURES if mime in data), None)
            if picture:
                reading = output.metadata.get(picture, {}).get('alt', '')
                blocks.append(self._picture(data[picture], PICTURES[picture], reading))
            elif 'text/html' in data:
                blocks.append(self._html(data['text/html']))
            elif 'text/markdown' in data:
                blocks.append(data['text/markdown'].strip())
            elif kind == 'claim':
                blocks.append(self._claim(data['text/plain'], output.metadata.d2lhelpers))
            elif kind == 'guess':
                blocks.append(_guess(data['text/plain'], output.metadata.d2lhelpers))
            elif kind == 'sign':
                blocks.append(directive('container', '\n\n'.join(
                    plain(line.strip()) for line in data['text/plain'].splitlines()), 'sign'))
            else:
                blocks.append(printed(data['text/plain']))
        if said.strip():
            blocks.append(printed(said))
        return blocks

    def _file(self, data, suffix):
        self.files += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f'{self.files:02}.{suffix}'
        path.write_bytes(data)
        return f'{self.name}/{path.name}'

    def _picture(self, data, suffix, reading):
        if reading in self.drawings:  # sharp at any size
            path = self.drawings[reading]
            file = self._file(path.read_bytes(), 'svg')
            facts = {'kind': 'diagram', 'title': diagrams.title(path)}
        else:
            file = self._file(base64.b64decode(data), suffix)
            facts = self.calls.facts(reading)
        return directive('drawn', reading, file, {key: json.dumps(text, ensure_ascii=False)
                                                  for key, text in facts.items()})

    def _html(self, html):
        if '<audio' in html:
            sound = re.search(r'data:audio/wav;base64,([^"]+)', html)
            return directive('sound', '', self._file(base64.b64decode(sound[1]), 'wav'))
        if 'T_claims-' in html:
            return self._claims(html)
        return '```{raw} html\n' + tables.measured(html) + '\n```'

    def _claim(self, said, marked):
        _, _, figures = said.strip().partition('\n')
        name = f'claim-{len(self.claims) + 1}'
        self.claims[marked['claim']] = name
        lines = '\n'.join(f'- {plain(line.strip())}' for line in figures.splitlines())
        return directive('claim', f'{plain(marked["claim"])}\n\n{lines}', marked['verdict'], {'name': name})

    def _claims(self, html):
        parts = []
        for title, rows in tables.claims(html):
            inside = '\n\n'.join(directive('claim', plain(text), verdict,
                                           {'to': self.claims[text]} if text in self.claims else None)
                                 for text, verdict in rows)
            shut = title.startswith('What holds')
            parts.append(fold(title, inside) if shut else f'**{title}**\n\n{inside}' if title else inside)
        return '\n\n'.join(parts)


def _guess(said, marked):
    """A guess before, or the measured answer after."""
    question, *lines = said.strip().splitlines()
    if 'options' not in marked:
        told = next(line.partition(':')[2].strip() for line in lines if line.startswith('  measured:'))
        answer, number = re.fullmatch(r'(.*?)( \([^()]*\d[^()]*\))?', told).groups()
        return directive('measured', plain(answer), (number or '').strip())
    options = '\n'.join(f'- {plain(option)}' for option in marked['options'])
    return directive('guess', f'{plain(question)}\n\n{options}')


def is_question(block):
    """Is a block of Markdown a guess?"""
    return re.match(r':+\{guess\}', block) is not None


def is_answer(output):
    """Does an output tell the answer to a guess?"""
    return (output.get('metadata', {}).get('d2lhelpers', {}).get('kind') == 'guess'
            and '\n  measured:' in output.data['text/plain'])
