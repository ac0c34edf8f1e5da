"""Guesses and claims of a lesson as slides show them: a vote with letters, what was measured with the room's
distribution beside it, and a claim as a mark, a sentence and one number.
"""
import html
import re
from string import ascii_uppercase

SIGNS = {'holds': '✓', 'the opposite holds': '✗', 'does not hold': '✗'}
CLAIM = re.compile(r'(holds|the opposite holds|does not hold|undecided)( here)?: ', re.IGNORECASE)
NUMBER = re.compile(r'[+-]\d+(?:\.\d+)? points')


def vote(said, options=None):
    """A guess, before or after it was measured, as HTML.

    Parameters
    ----------
    said : str
        What `d2lhelpers.guess` has printed.
    options : list of str, optional
        Those of a guess that is asked; without them it is one that was measured.

    Returns
    -------
    str
        Options with letters and a field for the hands that are counted; or the measured answer, beside which
        the page shows these counts. They are kept in the page alone.
    """
    question, *lines = said.strip().splitlines()
    key = html.escape(question, quote=True)
    if options:
        items = ''.join(
            f'<li><b>{letter}</b> <span>{html.escape(_plain(option))}</span> '
            f'<input type="number" min="0" aria-label="hands for {letter}"></li>'
            for letter, option in zip(ascii_uppercase, options, strict=False))
        kind, text = 'vote', f'<ol>{items}</ol>'
    else:
        told = ''.join(line.partition(':')[2].strip() for line in lines if line.startswith('  measured:'))
        measured = html.escape(_plain(told))
        kind, text = 'measured', f'<p>Measured: <b>{measured}</b></p><ol></ol>'
    return f'<div class="{kind}" data-question="{key}"><p>{html.escape(question)}</p>{text}</div>'


def claim(said):
    """A claim as one line of HTML.

    Parameters
    ----------
    said : str
        What `d2lhelpers.claim` has printed.
    """
    first, _, rest = said.strip().partition('\n')
    verdict = CLAIM.match(first)
    sign = SIGNS.get(verdict[1].lower(), '?') if verdict else '?'
    sentence = first[verdict.end():] if verdict else first
    numbers = NUMBER.findall(rest)
    number = f' <span>{numbers[0]}</span>' if len(numbers) == 1 else ''
    name = {'✓': 'holds', '✗': 'does not hold', '?': 'undecided'}[sign]
    return f'<p class="claim"><b aria-label="{name}">{sign}</b> {_code(sentence)}{number}</p>'


def _code(sentence):
    """As HTML; what stands between backticks is code."""
    return re.sub(r'`([^`]+)`', r'<code>\1</code>', html.escape(sentence))


def _plain(option):
    """Without the quotes and the chosen interval's decimals of Python: ``'fine-tuned'`` is fine-tuned."""
    return re.sub(r'   \(.*$', '', option).strip('\'"')
