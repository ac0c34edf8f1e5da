"""What a slide shows of a longer text."""
import re

LIST = re.compile(r'(?:^|\n\n)((?:(?:[-*]|\d+\.) .*(?:\n|$))+)')
TABLE = re.compile(r'(?:^|\n\n)((?:\|.*\|(?:\n|$)){3,10})(?:\n|$)')
FORMULA = re.compile(r'\$\$.+?\$\$', re.DOTALL)
# A full stop, perhaps inside of emphasis, before a capital letter; none after an initial ("D. Lee") or a
# common abbreviation
SENTENCE = re.compile(r'(?<!\b[A-Z])(?<!et al)(?<!e\.g)(?<!i\.e)[.!?:]["”)]?\*{0,2}(?=\s+[*"“(`]*[A-Z])')


def key_points(text, says=''):
    """What a slide shows of a text: the first sentence, and of the first list the first sentence of each
    item; or a small table; and formulas that stand apart.

    Parameters
    ----------
    text : str
        Markdown, without headings.
    says : str
        A sentence to show in place of the first one.

    Returns
    -------
    str
    """
    formulas, text = FORMULA.findall(text), FORMULA.sub('', text)
    points, table = LIST.search(text), TABLE.search(text)
    first = min((found.start() for found in (points, table) if found), default=len(text))
    opening = says or _first_sentence(text[:first].strip().split('\n\n')[0])
    shown = [_first_of_item(line)
             for line in points[1].strip().splitlines()] if points else [table[1].strip()] if table else []
    opening = '' if opening.startswith('|') else opening
    return '\n\n'.join(filter(None, [opening, *formulas, '\n'.join(shown)]))


def _first_of_item(line):
    mark, _, text = line.partition(' ')  # "1. Cut them out": the number is no sentence
    return f'{mark} {_first_sentence(text)}'


def _first_sentence(text):
    end = SENTENCE.search(text)
    first = text[:end.end()] if end else text
    if end and first.startswith('**') and first.endswith('**') and first.count('**') == 2:
        end = SENTENCE.search(text, end.end() + 1)  # a bold title and the sentence behind it
    return text[:end.end()] if end else text
