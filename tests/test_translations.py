"""The translations of the book: markup as in the English text, terms as in the term base, and the start page
and lesson 1 in full. A fault here is silent in the book: the page shows stars, or stays English.
"""
import csv
import re
import unicodedata
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from book import places

IN_FULL = ('00_start_here', '01_fine_tuning_hotdog')
CODE = re.compile(r'`[^`]*`')
KEPT = {'code': CODE,
        'backticks': re.compile(r'`'),
        'targets of links': re.compile(r'\]\(([^)]*)\)'),
        'tags': re.compile(r'</?\w[^>]*>'),
        'placeholders': re.compile(r'\{\w*\}'),
        'formulas': re.compile(r'\$[^$]*\$?'),
        'emphasis': re.compile(r'(?<!\\)\*+'),
        'numbers': re.compile(r'\d+')}
# Markdown makes a list, a title, a quotation or a block of code of what begins like this, and Sphinx then
# leaves the English message where it is, without a word
A_BLOCK = re.compile(r'\d+[.)]\s|[-+*]\s|#+\s|>|\s')
TERM = re.compile(r'\*\*(.+?)\*\* ?[(（]\d+[)）]')


def catalogue(language, page):
    """The messages of a page, without the head of its file."""
    path = places.HERE / 'locale' / language / 'LC_MESSAGES' / f'{page}.po'
    with open(path, 'rb') as file:
        return [message for message in read_po(file) if message.id]


def translated(messages):
    """Those that the book shows: a fuzzy one it does not."""
    return [message for message in messages if message.string and not message.fuzzy]


def idle_stars(text):
    """Stars that neither open nor close anything, by the rules of CommonMark: they are printed as stars. It
    happens where no space stands between words, with a full stop or bracket next to the star.
    """
    idle, opened = [], []
    text = f' {CODE.sub("x", text)} '
    for stars in KEPT['emphasis'].finditer(text):
        before, after = text[stars.start() - 1], text[stars.end()]
        sides = [(' ' if one.isspace() else '.' if unicodedata.category(one)[0] in 'PS' else 'x')
                 for one in (before, after)]
        closes = opened and opened[-1] == stars[0]
        inner, outer = sides if closes else sides[::-1]
        if inner == ' ' or (inner == '.' and outer == 'x'):
            idle.append(text[max(stars.start() - 9, 0):stars.end() + 9])
        if closes:
            opened.pop()
        else:
            opened.append(stars[0])
    return idle + opened


def faults(english, translation):
    """What of the markup is not as in the English message."""
    found = []
    for kind, pattern in KEPT.items():
        texts = [english, re.sub(r'(?<=\d)00(?= ?萬)', '', translation)]  # 18 million is 1800 萬
        if kind not in ('code', 'backticks'):
            texts = [CODE.sub('', text) for text in texts]
        there, here = (Counter(pattern.findall(text)) for text in texts)
        if there != here:
            found.append(f'{kind}: {[*(there - here)]} is missing, {[*(here - there)]} is too much')
    if A_BLOCK.match(translation):
        found.append('it begins like a list or a title, and would stay English: write "1\\\\." and "\\\\+"')
    found += [f'a star that would be printed: {stars}' for stars in idle_stars(translation)]
    return found


@pytest.fixture(params=places.LANGUAGES)
def language(request):
    return request.param


def test_markup_is_that_of_the_english_message(language):
    folder = places.HERE / 'locale' / language / 'LC_MESSAGES'
    pages = [path.relative_to(folder).with_suffix('').as_posix() for path in sorted(folder.rglob('*.po'))]
    assert {*IN_FULL, 'index', 'book'} <= {*pages}
    wrong = [f'{language}, {page}: {message.string}\n    {fault}' for page in pages
             for message in translated(catalogue(language, page))
             for fault in faults(message.id, message.string)]
    assert not wrong, '\n'.join(wrong)


def test_titles_of_the_glossary_are_those_of_the_term_base(language):
    with open(places.HERE / 'locale' / f'terms-{language}.csv', encoding='utf-8', newline='') as file:
        base = dict([*csv.reader(file)][1:])
    rows = {TERM.fullmatch(message.id)[1]: message.string for message in catalogue(language, '00_start_here')
            if TERM.fullmatch(message.id)}
    assert base.keys() == rows.keys(), f'only in one of the two: {base.keys() ^ rows.keys()}'
    other = [f'{term}: {row} in the glossary, {base[term]} in the term base' for term, row in rows.items()
             if not TERM.fullmatch(row) or TERM.fullmatch(row)[1] != base[term]]
    assert not other, '\n'.join(other)


@pytest.mark.parametrize('page', IN_FULL)
def test_these_pages_are_translated_in_full(language, page):
    messages = catalogue(language, page)
    done = translated(messages)
    print(f'{language}, {page}: {100 * len(done) / len(messages):.1f} % of {len(messages)} messages')
    english = [message.id for message in messages if message not in done]
    assert not english, f'{len(done)} of {len(messages)} translated; not yet: {english[:5]}'
    # names, numbers of sections and error messages are the same in each language, but no sentences are
    left = [message.id for message in done
            if message.string == message.id and re.search(r'[a-z]{2,} [a-z]{2,} [a-z]{2,}', message.id)
            and not re.fullmatch(r'["`].*["`]', message.id)]
    assert not left, f'copied from the English: {left}'


@pytest.mark.parametrize('english, translation', [
    ('run `fit`', 'chạy fit'),
    ('run `fit`', 'chạy `vừa`'),
    ('run `fit`', 'chạy `fit'),
    ('see [lesson 7](07_speech.md#7.1-Sounds)', 'xem [bài 7](07_speech.md#7.1-Âm-thanh)'),
    ('a *term*', 'một thuật ngữ'),
    ('a *term*', 'một **thuật ngữ**'),
    ('**Alone.** Guess', '**獨自學習。**先猜'),
    ('a *term* here', 'một* thuật ngữ* đây'),
    ('D<sub>s</sub>', 'D<sub>s<sub>'),
    ('{share} % is translated', 'đã dịch {phần} %'),
    ('so $x^2$ grows', 'vậy $x^2 lớn lên'),
    ('after 20 updates', 'sau 30 bước cập nhật'),
    ('Fine-tuning', '1. Tinh chỉnh'),
    ('three near', '+ ba ngôn ngữ gần'),
    ('Title', '# Tiêu đề')])
def test_faults_are_seen(english, translation):
    assert faults(english, translation) and not faults(english, english)


@pytest.mark.parametrize('english, translation', [
    ('1. Fine-tuning', r'1\. Tinh chỉnh'),
    ('**Alone.** Guess the *loss*', '**獨自學習。** 先猜*損失*'),
    ('press `[*]`, then **Shift + Enter**.', '按 `[*]`，再按 **Shift + Enter**。'),
    ('some 18 million pictures', '約 1800 萬張圖片'),
    ('a **term** (*loss*)', 'một **thuật ngữ** (*hàm mất mát*)')])
def test_what_is_right_is_no_fault(english, translation):
    assert not faults(english, translation)
