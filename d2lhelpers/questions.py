"""Five questions to ask before a transfer, and the nearest case that the course has measured."""
import numbers

from .errors import CourseError
from .messages import say

_QUESTIONS = {'needed': '1. Is transfer needed? With much data and time, perhaps not.',
              'source': '2. Which pretrained network? Its source task, size, licence, input?',
              'similar': '3. Do your data suit it? Are they similar to what it has seen ...',
              'pictures': '   ... and how many are there?',
              'method': '4. Which way of fine-tuning works best?',
              'baseline': '5. Is it better than usual? Than scratch, than a simple rule?'}


def five_questions(task, measured):
    """Print the five questions with the answers given, and find the measured case that is most like the task.

    Parameters
    ----------
    task : dict
        An answer to each question, None where there is none yet: ``needed``, ``source``, ``method`` and
        ``baseline`` in words, ``similar`` True or False (are the pictures like those of the source?),
        ``pictures`` how many labelled ones there are.
    measured : pandas.DataFrame
        A row for each measured case; its column ``world`` is 'similar' or 'different', ``pictures`` a number.

    Returns
    -------
    pandas.DataFrame or None
        The rows of the nearest number of pictures, by ratio; None as long as ``similar`` or ``pictures`` is
        not answered.

    Raises
    ------
    CourseError
        If an answer is missing, or is not of the kind named above.
    """
    if wrong := sorted(set(_QUESTIONS) ^ set(task)):
        raise CourseError(f'{wrong[0]!r} is {"none" if wrong[0] in task else "missing: it is one"} of the '
                          f'questions; they are {", ".join(_QUESTIONS)}.')
    similar, pictures = task['similar'], task['pictures']
    if not (similar is None or isinstance(similar, bool)):
        raise CourseError(f"'similar' is {similar!r}: write True or False, without quotes, or None as long "
                          'as you do not know.')
    a_number = isinstance(pictures, numbers.Integral) and not isinstance(pictures, bool)
    if not (pictures is None or (a_number and pictures > 0)):
        raise CourseError(f"'pictures' is {pictures!r}: write a whole number above 0, without quotes, such "
                          'as 100, or None as long as you do not know.')
    for name, question in _QUESTIONS.items():
        say(f'{question}\n      {"not filled in yet" if task[name] is None else task[name]}')
    if None in (similar, pictures):
        return None
    near = measured[measured['world'] == ('similar' if similar else 'different')]
    ratios = [max(pictures / n, n / pictures) for n in near['pictures']]
    return near[[ratio == min(ratios) for ratio in ratios]]
