"""What is raced: a network, what it is given, and how much of it is one round. No library is loaded here."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Task:
    """One row of the table."""

    title: str
    network: str  # of `d2lhelpers.backbones`, or one of `networks.py`
    shape: tuple[int, ...]  # of one example
    size: int  # of a batch
    batches: int  # in a round: about a second of work
    kind: str = 'train'  # or 'adversarial', 'evaluate'
    classes: int = 2


TASKS = {
    'thin': Task('thin ResNet, 64 x 64', 'thin_resnet', (3, 64, 64), 32, 20),
    'mobile': Task('MobileNet 0.25, 224 x 224', 'mobilenet0.25', (3, 224, 224), 32, 3),
    'resnet18': Task('ResNet-18, 224 x 224', 'resnet18_v2', (3, 224, 224), 32, 1),
    'dann': Task('digits, gradient reversal, 28 x 28', 'digits', (3, 28, 28), 64, 10, 'adversarial', 10),
    'head': Task('head on kept features', 'head', (128,), 128, 100),
    'evaluation': Task('evaluation, thin ResNet', 'thin_resnet', (3, 64, 64), 64, 20, 'evaluate')}
# the first is what the others are compared with
WAYS = {'fit': 'in_gluon', 'd2l': 'in_gluon', 'torch': 'in_torch', 'channels_last': 'in_torch',
        'compile': 'in_torch'}


def ways(task):
    """Those that can do a task: the book's loop trains, and knows one loss alone."""
    return [way for way in WAYS if way != 'd2l' or task.kind == 'train']
