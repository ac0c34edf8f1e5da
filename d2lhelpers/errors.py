"""The one kind of error that the course raises for bad input."""


class CourseError(ValueError):
    """One sentence for the learner: what is wrong, where, and what to do.

    In a notebook and in a terminal it is shown as that sentence alone, without a traceback through code that
    the learner never wrote.
    """

    def _render_traceback_(self):  # IPython asks the exception itself before it prints a traceback
        return [f'CourseError: {self}']
