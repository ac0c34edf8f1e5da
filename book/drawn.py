"""What a picture shows, for its alt text: read out of the call that drew it, which is the one with the
reading line below the picture. Nothing is executed.
"""
import ast
import re

LABELS = ('title', 'xlabel', 'ylabel')


class Calls:
    """The calls of one notebook that draw, in the order of its cells."""

    def __init__(self):
        self.constants = {}
        self.calls = []

    def read(self, source):
        """Take in the code of a cell."""
        try:
            tree = ast.parse(re.sub(r'^([%!])', r'#\1', source, flags=re.MULTILINE))
        except SyntaxError:
            return  # an exercise may have a gap
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = self._value(node.value)
            elif isinstance(node, ast.Call) and any(each.arg == 'reading' for each in node.keywords):
                self.calls.append(node)

    def facts(self, reading):
        """What the picture with this line below it shows.

        Parameters
        ----------
        reading : str

        Returns
        -------
        dict of str to str
            The kind of the figure, which is the function's name, its title, its axes, the names that stand
            in it; what is not known is left out. Empty if no call is found.
        """
        for call in reversed(self.calls):
            given = {each.arg: each.value for each in call.keywords if each.arg}
            for each in call.keywords:
                if each.arg is None and isinstance(each.value, ast.Name):
                    shared = self.constants.get(each.value.id)
                    given |= shared if isinstance(shared, dict) else {}
            if re.fullmatch(self._pattern(given['reading']), reading):
                found = {'kind': getattr(call.func, 'attr', getattr(call.func, 'id', '')),
                         **{label: self._text(given[label]) for label in LABELS if label in given}}
                names = self._names(call.args[0]) if call.args else []
                found['names'] = '; '.join(names)
                return {key: text for key, text in found.items() if re.search(r'[^\W\d_]', text)}
        return {}

    def _value(self, node):
        """A constant, a text with gaps, or a dict of labels with what of it is constant; else None."""
        if isinstance(node, ast.Dict):
            return {key.value: value for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)}
        try:
            return ast.literal_eval(node)
        except ValueError:
            return self._text(node) if isinstance(node, ast.JoinedStr) else None

    def _pattern(self, node):
        """The reading lines that a piece of code may stand for."""
        if isinstance(node, ast.Constant):
            return re.escape(str(node.value))
        if isinstance(node, ast.JoinedStr):
            return ''.join(map(self._pattern, node.values))
        if isinstance(node, ast.BinOp):
            return self._pattern(node.left) + self._pattern(node.right)
        return '.*'

    def _text(self, node):
        """A text, as far as it stands in the code; an ellipsis for what does not."""
        if isinstance(node, str):
            return node
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return ''.join(map(self._text, node.values))
        if isinstance(node, ast.BinOp):
            return self._text(node.left) + self._text(node.right)
        if isinstance(node, ast.FormattedValue):
            value = self._known(node.value)
            form = self._text(node.format_spec) if node.format_spec else ''
            return '…' if value is None else format(value, form)
        value = self._known(node)
        return value if isinstance(value, str) else '…'

    def _known(self, node):
        """The value of a name, or of a place in a constant."""
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            try:
                value = self._known(node.value)[node.slice.value]
            except (KeyError, IndexError, TypeError):
                return None
            return self._text(value) if isinstance(value, ast.AST) else value
        return None

    def _names(self, node):
        """The names of lines or panels, where all of them stand in the code."""
        if isinstance(node, ast.BinOp):
            sides = self._names(node.left), self._names(node.right)
            return [*sides[0], *sides[1]] if all(sides) else []
        if not isinstance(node, ast.Dict) or None in node.keys:
            return []
        texts = [self._text(key) for key in node.keys]
        return [] if any('…' in text for text in texts) else texts
