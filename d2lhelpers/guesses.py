"""Guesses of the learner, set beside what was measured later."""
from .errors import CourseError
from .messages import say


class Guess:
    """What the learner guessed; made by `guess`."""

    def __init__(self, question, options, choice, cuts):
        self.question, self.options, self.choice, self.cuts = question, options, choice, cuts

    def compare(self, result, *histories):
        """Set the guess and the result side by side.

        Parameters
        ----------
        result : object
            What was measured, in the words of the options; where the guess has cut points, the number itself.
            None or nan where nothing could be measured.
        *histories : History
            Of the training that the result is of: where that broke off, `fit` has put back the weights of an
            earlier epoch, and what they reach says nothing of the setting.
        """
        told = result
        if any(history.diverged for history in histories):
            result, told = None, 'nothing: training broke off, so there is no result of this setting'
        elif result is None or result != result:
            result, told = None, 'not measured here'
        elif self.cuts:
            result = self.options[_interval(result, self.cuts)]
            told = f'{result} ({float(told):.3g})'
        lines = [self.question, '  no guess yet' if self.choice is None
                 else f'  your guess:    {self.choice}']
        verdict = ('as you guessed' if self.choice == result
                   else 'not as you guessed: what did you expect, and why?')
        lines.append(f'  measured:      {told}' + (f'   ({verdict})' if None not in (self.choice, result)
                                                   else ''))
        say('\n'.join(lines), kind='guess')


def _interval(number, cuts):
    """In which of the intervals between the cut points, which rise or fall, a number lies."""
    return sum(number >= cut
               for cut in cuts) if sorted(cuts) == list(cuts) else sum(number < cut for cut in cuts)


def _plain(answer):
    return ''.join(str(answer).split()).casefold()


def guess(question, options, choice=None, cuts=None):
    """Keep the learner's guess before an experiment. It never waits for an answer.

    Parameters
    ----------
    question : str
    options : sequence
        The possible answers.
    choice : object, optional
        One of the options; spaces and capitals do not matter.
    cuts : sequence of float, optional
        For options that are intervals, the limits between them, one fewer than options: ``(.6, .75)`` for
        ``('below 60 %', '60-75 %', 'above 75 %')``, ``(.75, .6)`` for the opposite order. `Guess.compare`
        then takes a number.

    Returns
    -------
    Guess
        Its ``compare(result)`` sets guess and result side by side later.

    Raises
    ------
    CourseError
        If `choice` is not an option, or the cut points do not fit the options.
    """
    if choice is not None and choice not in options:
        choice = next((option for option in options if _plain(option) == _plain(choice)), choice)
    if choice is not None and choice not in options:
        raise CourseError(f'The guess {choice!r} is not among the options: choose one of '
                          f'{", ".join(map(repr, options))}.')
    if cuts and (len(cuts) != len(options) - 1
                 or list(cuts) not in (sorted(cuts), sorted(cuts, reverse=True))):
        raise CourseError(f'The cut points {tuple(cuts)} do not fit {len(options)} options: write the '
                          f'{len(options) - 1} limits between them, rising or falling.')
    chosen = 'no guess yet (write choice=…)' if choice is None else choice
    say(f'{question}\n  options:       {", ".join(map(str, options))}\n  your guess:    {chosen}',
        kind='guess', options=[str(option) for option in options])
    return Guess(question, options, choice, cuts)
