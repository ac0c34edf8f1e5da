"""The check of a plan: is the study that an answer has designed a fair comparison?"""
import itertools
from collections import Counter

import numpy

from .checking import Wrong
from .judging import returned

_CHOSEN_BY = {
    'test': 'Chosen by test accuracy, the setting that was luckiest on the test pictures wins, and its test '
            "accuracy flatters: choose by 'validation', and look at the test pictures once.",
    'training': 'Chosen by what training shows, the setting wins that learns its pictures by heart best: '
                "choose by 'validation', pictures that nobody has trained on."}
_WIDE = 5  # the highest value of a grid against the lowest, in one of its settings


def fair(plan, compared, equal, settings=('lr',)):
    """Judge the plan of a study.

    Parameters
    ----------
    plan : object
        What the answer returned. It is to be a dict with ``arms`` and ``grid``, as `study` takes them,
        ``seeds``, and ``choose_by``: ``'training'``, ``'validation'`` or ``'test'``.
    compared : dict of str to tuple
        The questions of the study: columns of the arms, each with the values that are compared. There is to
        be an arm for every combination. One column is ``arm``, by which a dict as grid goes.
    equal : dict of str to tuple of str
        What must be the same for every arm: in words (``'updates'``), and the columns whose sum it is.
    settings : tuple of str
        What each setting of the grid has; ``lr``, a number above 0, among it.

    Returns
    -------
    str
        How big the study is, for the sentence of a right answer.

    Raises
    ------
    Wrong
        If something favours an arm, or the study cannot answer its questions.
    """
    columns = [*compared, *dict.fromkeys(itertools.chain.from_iterable(equal.values()))]
    _complete(plan, columns)
    _every_combination(plan['arms'], compared)
    _equally_long(plan['arms'], compared, equal)
    tries = _equal_tries(plan['arms'], plan['grid'], compared, settings)
    seeds = _several(plan['seeds'])
    if plan['choose_by'] != 'validation':
        raise Wrong(_CHOSEN_BY.get(plan['choose_by'], f'choose_by is {plan["choose_by"]!r}; it can be '
                                                      "'training', 'validation' or 'test'."))
    return (f'{len(plan["arms"])} arms, each with {tries} settings and {seeds} seeds, are '
            f'{len(plan["arms"]) * tries * seeds} runs, and none of the arms is favoured')


def _complete(plan, columns):
    """Has the plan all its parts, and each arm all its columns?"""
    parts = ('arms', 'grid', 'seeds', 'choose_by')
    returned(plan, dict, f'a dict with {_words(parts)}')
    missing = [part for part in parts if part not in plan]
    if missing:
        raise Wrong(f'The plan has no {_words(missing)}: it is to be a dict with {_words(parts)}.')
    if not isinstance(plan['arms'], list | tuple) or not plan['arms']:
        raise Wrong('arms is to be a list with a dict for each arm.')
    for arm in plan['arms']:
        if not isinstance(arm, dict):
            raise Wrong(f'arms is to be a list of dicts; {arm!r} is none.')
        if set(arm) != set(columns):
            raise Wrong(f'The arm {arm} has the entries {_words(arm)}; each arm is to have '
                        f'{_words(columns)}.')


def _every_combination(arms, compared):
    for arm in arms:
        for column, values in compared.items():
            if arm[column] not in values:
                raise Wrong(f'The arm {arm} has {arm[column]!r} as {column!r}; that can be {_words(values)}.')
    there = Counter(tuple(arm[column] for column in compared) for arm in arms)
    twice = [each for each, times in there.items() if times > 1]
    if twice:
        raise Wrong(f'{_named(twice[0], compared)}: that arm stands in the plan {there[twice[0]]} times. '
                    'With more runs than the others it has the better chance: once is enough.')
    missing = [each for each in itertools.product(*compared.values()) if each not in there]
    if not missing:
        return
    if all(sum(a != b for a, b in zip(*two, strict=True)) > 1 for two in itertools.combinations(there, 2)):
        why = (f'No two arms of the plan differ in one thing alone, so nobody can tell which of '
               f'{_words(compared)} made the difference')
    else:
        why = (f'So nobody can tell what {_named(missing[0][1:], list(compared)[1:])} does to '
               f'{missing[0][0]!r}')
    raise Wrong(f'There is no arm with {_named(missing[0], compared)}. {why}: plan an arm for every '
                'combination.')


def _equally_long(arms, compared, equal):
    """Is what must be the same the same?"""
    for what, columns in equal.items():
        for arm in arms:
            bad = [arm[column] for column in columns
                   if not isinstance(arm[column], int | numpy.integer) or arm[column] < 0]
            if bad:
                raise Wrong(f'The arm {arm} has {bad[0]!r} for {what}: that is to be a whole number, not '
                            'below 0.')
        totals = [sum(arm[column] for column in columns) for arm in arms]
        least, most = numpy.argmin(totals), numpy.argmax(totals)
        if totals[least] != totals[most]:
            one, other = (_named([arms[i][column] for column in compared], compared) for i in (most, least))
            raise Wrong(f'{what}: {totals[most]} with {one}, but {totals[least]} with {other}. That alone '
                        'may make a difference, which is then taken for one of the methods: give all arms '
                        'the same.')
        if not totals[0]:
            raise Wrong(f'{what}: 0 in every arm, which leaves nothing to compare.')


def _equal_tries(arms, grid, compared, settings):
    """How many settings has each arm to choose from?"""
    if not isinstance(grid, dict | list | tuple):
        raise Wrong('grid is to be a list of settings, or a dict with such a list for each value of arm.')
    choices = grid if isinstance(grid, dict) else dict.fromkeys(compared['arm'], grid)
    for name in dict.fromkeys(arm['arm'] for arm in arms):
        if name not in choices:
            raise Wrong(f'The grid has no settings for {name!r}.')
        _settings(name, choices[name], settings)
    counts = {name: len(choices[name]) for name in compared['arm']}
    if len(set(counts.values())) > 1:
        most, least = max(counts, key=counts.get), min(counts, key=counts.get)
        raise Wrong(f'{most!r} may choose among {counts[most]} settings, {least!r} among {counts[least]}: '
                    'who has more tries has the better chance, so give all arms equally many.')
    if counts[name] < 3:
        raise Wrong(f'{counts[name]} setting{"s" * (counts[name] != 1)} to choose from: what suits one arm '
                    'may be wrong for another, so let each of them choose among three or more.')
    for name in counts:
        columns = {column: [setting[column] for setting in choices[name]] for column in settings}
        if not any(max(each) >= _WIDE * min(each) and max(each) > min(each) for each in columns.values()):
            near = ', '.join(f'{column} from {min(each):g} to {max(each):g}'
                             for column, each in columns.items())
            raise Wrong(f'The settings of {name!r} lie close together ({near}): the best one may well lie '
                        f'outside. Let the highest be {_WIDE} times the lowest, or more.')
    return counts[name]


def _settings(name, choices, settings):
    """Is every setting of an arm one, and another one?"""
    seen = []
    for setting in choices if isinstance(choices, list | tuple) else [choices]:
        if not isinstance(setting, dict) or set(setting) != set(settings):
            raise Wrong(f'{setting!r}, for {name!r}, is no setting: each is a dict with {_words(settings)}.')
        bad = next((key for key, value in setting.items()
                    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0), None)
        if bad or setting['lr'] == 0:
            raise Wrong(f'The setting {setting} of {name!r}: {bad or "lr"} is to be a number above 0'
                        f'{"" if (bad or "lr") == "lr" else ", or 0"}.')
        if setting in seen:
            raise Wrong(f'{name!r} has the setting {setting} twice: the same try twice is one try.')
        seen.append(setting)


def _several(seeds):
    """How many seeds are there?"""
    if not isinstance(seeds, list | tuple | range):
        raise Wrong(f'seeds is {seeds!r}; it is to be a list of their numbers, such as [100, 101, 102].')
    if len(set(seeds)) < len(seeds):
        raise Wrong('One seed stands in the list twice: it gives the same run again, and no news.')
    if len(seeds) < 3:
        raise Wrong(f'{len(seeds)} seed{"s" * (len(seeds) != 1)}: nobody can tell a difference from luck, '
                    'which changes with the seed. Take three or more.')
    return len(seeds)


def _named(values, compared):
    return ', '.join(f'{column} = {value!r}' for column, value in zip(compared, values, strict=True))


def _words(names):
    *others, last = (name if isinstance(name, str) else repr(name) for name in names)
    return f'{", ".join(others)} and {last}' if others else last
