"""The checks of exercises 6: right answers pass, likely wrong ones get the sentence that helps."""
from d2lhelpers import freeze, outputs

import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon.data.vision import transforms
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

# ---- 1: what the curves say

def told(*answer):
    return lambda: answer


WRONG_1 = [
    (told('A', 1), 'not one more picture was right'), (told('B', 3), 'no new picture is lost'),
    (told('D', 2), 'other probabilities come out'), (told('C', 1), 'It is the standing accuracy beside it'),
    (told('C', 3), 'nothing of new ones'), (lambda: 3, 'a letter and a number'),
]


# ---- 2: keep the features

def labels_of(data):
    return numpy.array([label for _, label in data])


def shuffled(net, data):
    parts = [(net.features(x), y) for x, y in gluon.data.DataLoader(data, 16, shuffle=True)]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def in_training_mode(net, data):
    with autograd.record():
        return np.concatenate([net.features(x) for x, _ in gluon.data.DataLoader(data, 16)]), labels_of(data)


def last_batch_lost(net, data):
    return np.concatenate([net.features(x) for x,
                           _ in gluon.data.DataLoader(data, 16, last_batch='discard')]), labels_of(data)


def batch_by_batch(net, data):
    """Another style: a loader, in predict mode, with plain loops."""
    features, labels = [], []
    for x, y in gluon.data.DataLoader(data, 7):
        features.append(net.features(x).asnumpy())
        labels += y.asnumpy().tolist()
    return numpy.vstack(features), labels


def frozen_while_recording(net, data):
    freeze(net, net.features)
    with autograd.record():
        return np.concatenate([net.features(x) for x, _ in gluon.data.DataLoader(data, 16)]), labels_of(data)


WRONG_2 = [
    (lambda net, data: (labels_of(data), outputs(net.features, data)), 'Labels came first'),
    (lambda net, data: (2 * outputs(net.features, data), labels_of(data)), 'as it comes'),
    (shuffled, 'do not shuffle what is kept'),
    (in_training_mode, 'was called in training mode'),
    (lambda net, data: (outputs(net, data), labels_of(data)), 'leave the head out'),
    (last_batch_lost, 'those of the last batch too'),
    (lambda net, data: (outputs(net.features, data), numpy.sort(labels_of(data))),
     'the labels do not belong to them'),
    (lambda net, data: outputs(net.features, data), 'two arrays, features and labels'),
]


# ---- 3: a stratified split

def at_random(labels, each, seed):
    order = numpy.random.default_rng(seed).permutation(len(labels))
    return order[38:], order[:38]


def of_each(labels, each, seed):
    rng = numpy.random.default_rng(seed)
    return numpy.concatenate([rng.permutation(numpy.flatnonzero(labels == k))[:each] for k in range(19)])


def put_back(labels, each, seed):
    rng = numpy.random.default_rng(seed)
    chosen = numpy.concatenate([rng.choice(numpy.flatnonzero(labels == k), each) for k in range(19)])
    return numpy.setdiff1d(numpy.arange(len(labels)), chosen), chosen


def always_the_first(labels, each, seed):
    chosen = numpy.concatenate([numpy.flatnonzero(labels == k)[:each] for k in range(19)])
    return numpy.setdiff1d(numpy.arange(len(labels)), chosen), chosen


def share_of_each(labels, each, seed):
    return train_test_split(numpy.arange(len(labels)), test_size=.2, stratify=labels, random_state=seed)


def by_the_library(labels, each, seed):
    return train_test_split(numpy.arange(len(labels)), test_size=each * len(set(labels)), stratify=labels,
                            random_state=seed)


def one_by_one(labels, each, seed):
    """Another style: pictures in random order, taken while somebody still wants one."""
    wanted, parts = dict.fromkeys(labels.tolist(), each), ([], [])
    for place in numpy.random.RandomState(seed).permutation(len(labels)).tolist():
        takes = wanted[labels[place]] > 0
        wanted[labels[place]] -= takes
        parts[takes].append(place)
    return parts


def with_a_mask(labels, each, seed):
    mask = numpy.zeros(len(labels), dtype=bool)
    mask[of_each(labels, each, seed)] = True
    return numpy.flatnonzero(~mask), numpy.flatnonzero(mask)


def masks(labels, each, seed):
    mask = numpy.zeros(len(labels), dtype=bool)
    mask[of_each(labels, each, seed)] = True
    return ~mask, mask


def people_of(labels, each, seed):
    return train_test_split(labels, test_size=each * 19, stratify=labels, random_state=seed)


def another_each_time(labels, each, seed):
    return by_the_library(labels, each, int(numpy.random.randint(10 ** 6)))


WRONG_3 = [
    (at_random, 'have no validation picture at all'),
    (put_back, 'without replacement'),
    (always_the_first, 'Another seed gave the same split'),
    (share_of_each, 'everybody is to have 3, as the function was told'), (masks, 'makes the places out of'),
    (people_of, 'Split numpy.arange(len(labels))'), (another_each_time, 'The same seed gave two different'),
    (lambda labels, each, seed: by_the_library(labels, each, seed)[::-1], 'the first is to be train'),
    (lambda labels, each, seed: (numpy.arange(len(labels)), of_each(labels, each, seed)), 'is in both parts'),
    (lambda labels, each, seed: (of_each(labels, 1, seed), of_each(labels, 3, seed)[1::3]),
     'is in neither part'),
    (lambda labels, each, seed: of_each(labels, each, seed), 'two lists of places'),
]


# ---- 4: a threshold

def kth(outside, allowed, offset):
    ordered = numpy.sort(outside)[::-1]
    return ordered[min(max(int(allowed * len(outside) + 1e-9) + offset, 0), len(outside) - 1)]


WRONG_4 = [
    (lambda outside, allowed: numpy.quantile(outside, allowed), 'the wrong end of the list'),
    (lambda outside, allowed: outside.max(), 'Stricter than need be'),
    (lambda outside, allowed: float('nan'), 'is nan'),
    (lambda outside, allowed: .5, 'pass (those whose confidence is above it)'),
    (lambda outside, allowed: kth(outside, allowed, 3), 'pass (those whose confidence is above it)'),
    (lambda outside, allowed: kth(outside, allowed, -3), 'Stricter than need be'),
    (lambda outside, allowed: kth(outside, allowed, -1), 'the threshold itself is the first that may not'),
    (lambda outside, allowed: int(allowed * len(outside)), 'no confidence is above 1'),
    (lambda outside, allowed: outside.mean() + outside.std(), 'with your threshold'),
    (lambda outside, allowed: print(end=''), 'returned nothing'),
]


# ---- 5: the same preprocessing everywhere

MEAN, DEVIATION = (numpy.array(c).reshape(3, 1, 1) for c in ((.485, .456, .406), (.229, .224, .225)))


def channels_first(pictures):
    return pictures.transpose(0, 3, 1, 2).astype('float32')


def own_mean(x, axes):
    return (x - x.mean(axis=axes, keepdims=True)) / x.std(axis=axes, keepdims=True)


def by_gluon(pictures):
    """Another style: Gluon's transforms, picture by picture."""
    form = transforms.Compose([transforms.ToTensor(), transforms.Normalize([.485, .456, .406],
                                                                           [.229, .224, .225])])
    return np.stack([form(np.array(picture, dtype='uint8')) for picture in pictures])


def channels_last(pictures):
    x = (pictures / 255. - (.485, .456, .406)) / (.229, .224, .225)
    return numpy.moveaxis(x, -1, 1).astype(numpy.float32)


WRONG_5 = [
    (channels_first, 'Colours still go from 0 to 255'),
    (lambda p: channels_first(p) / 255, 'the mean is not subtracted yet'),
    (lambda p: (channels_first(p) - MEAN) / DEVIATION, 'here they are applied to 0 to 255'),
    (lambda p: channels_first(p) / 127.5 - 1, 'Colours go from -1 to 1'),
    (lambda p: channels_first(p) / 255 - MEAN, 'nothing is divided by the deviation'),
    (lambda p: channels_first(p) / 255 / DEVIATION, 'the mean is not subtracted'),
    (lambda p: channels_first(p) / 255 / DEVIATION - MEAN, 'Subtract the mean first'),
    (lambda p: (channels_first(p) / 255 - DEVIATION) / MEAN, 'Mean and deviation are swapped'),
    (lambda p: (channels_first(p) / 255 - MEAN) / DEVIATION ** 2, 'These are not the numbers'),
    (lambda p: ((channels_first(p)[:, ::-1] / 255 - MEAN) / DEVIATION), 'swapped before mean'),
    (lambda p: (p.reshape(-1, 3, 64, 64) / 255 - MEAN) / DEVIATION, 'reshape keeps the numbers'),
    (lambda p: own_mean(channels_first(p), (0, 2, 3)), 'the deviation of these pictures'),
    (lambda p: own_mean(channels_first(p), (1, 2, 3)), 'the deviation of each picture,'),
    (lambda p: own_mean(channels_first(p), (2, 3)), 'the deviation of each channel of each picture'),
    (lambda p: (channels_first(p).astype('float64') / 255 - MEAN) / DEVIATION, "end with .astype('float32')"),
    (lambda p: ((channels_first(p) / 255 - MEAN) / DEVIATION)[:, ::-1].copy(), 'Red and blue are swapped'),
    (lambda p: ((p.transpose(0, 3, 2, 1) / 255 - MEAN) / DEVIATION), 'lie on their sides'),
    (lambda p: p / 255, 'the channels before height and width'),
    (lambda p: (channels_first(p) / 255).mean(axis=1), 'The shape is'),
]


# ---- 6: one picture of each

def distances(known, new):
    return numpy.square(new[:, None] - known[None]).sum(axis=2)


def looped(known, new):
    """Another style: one after the other, as a list."""
    names = []
    for x in new:
        lengths = [numpy.linalg.norm(x - y) for y in known]
        names.append(lengths.index(min(lengths)))
    return names


def by_neighbours(known, new):
    return KNeighborsClassifier(1).fit(known, range(len(known))).predict(new)


WRONG_6 = [
    (lambda known, new: (new @ known.T).argmax(axis=1), 'the person with the largest product'),
    (lambda known, new: distances(known, new).argmax(axis=1), 'who is farthest'),
    (lambda known, new: distances(known, new).argmin(axis=0), 'has the shape'),
    (lambda known, new: distances(known, new).min(axis=1), 'not the distance'),
    (lambda known, new: distances(known, new), 'has the shape'),
    (lambda known, new: (new @ known.T).argmin(axis=1), 'who is farthest'),
    (lambda known, new: numpy.arange(len(new)) % len(known), 'pictures are right: name'),
]

# ---- 7: a study of featurisers

def plan(arms=('HOG', 'frozen', 'fine-tuned'), each=(1, 6), updates=None, lrs=(.001, .005, .02), grid=None,
         seeds=(1, 2, 3), choose_by='validation', split='same'):
    return lambda: {
        'arms': [{'arm': arm, 'each': n, 'updates': (updates or {}).get(arm, 200)}
                 for arm in arms for n in each],
        'grid': grid or [{'lr': lr} for lr in lrs], 'seeds': list(seeds), 'choose_by': choose_by,
        'split': split}


FOUR = [{'lr': lr} for lr in (.001, .003, .01, .03)]
WRONG_7 = [
    (plan(split='new'), 'that luck is taken for the method'), (plan(split=.2), "it can be 'same' or 'new'"),
    (plan(updates={'fine-tuned': 2000}), 'updates: 2000 with'),
    (plan(('frozen', 'HOG')), "arm = 'fine-tuned'"),
    (plan(each=(6,)), 'each = 1'),
    (plan(grid={'HOG': FOUR[:3], 'frozen': FOUR, 'fine-tuned': FOUR}), "'HOG' among 3"),
    (plan(lrs=(.01,)), '1 setting'), (plan(lrs=(.01, .011, .012)), 'may well lie outside'),
    (plan(seeds=(1,)), '1 seed'), (plan(choose_by='test'), 'Chosen by test accuracy'),
    (plan(choose_by='training'), 'by heart'),
]

WRONG = [(number, *case) for number, cases in enumerate((WRONG_1, WRONG_2, WRONG_3, WRONG_4, WRONG_5, WRONG_6,
                                                         WRONG_7), 1) for case in cases]


def test_the_solutions_are_right(said, solutions):
    for number in range(1, 8):
        assert f'Exercise {number}: right: ' in said(number, solutions[number])


@pytest.mark.parametrize('number, answer', [
    (1, told('C', 2)), (1, lambda: ['c', '2']), (2, batch_by_batch), (2, frozen_while_recording),
    (3, by_the_library), (3, one_by_one), (3, with_a_mask),
    (4, lambda outside, allowed: numpy.quantile(outside, 1 - allowed)),
    (4, lambda outside, allowed: min(t for t in outside if (outside > t).mean() <= allowed)),
    (5, by_gluon), (5, channels_last),
    (5, lambda p: np.array((channels_first(p) / 255 - MEAN) / DEVIATION, dtype='float32')),
    (6, looped), (6, by_neighbours), (7, plan()), (7, plan(lrs=(.0001, .01, 1), seeds=range(5))),
    (7, plan(grid=dict.fromkeys(('HOG', 'frozen', 'fine-tuned'), FOUR))),
    (2, lambda net, data: [outputs(net.features, data).asnumpy(), [int(y) for _, y in data]]),
    (4, lambda outside, allowed: numpy.sort(outside)[int(numpy.ceil((1 - allowed) * len(outside) - 1e-9))
                                                     - 1]),
    (6, lambda known, new: (new @ known.T / numpy.linalg.norm(known, axis=1)).argmax(axis=1).tolist())])
def test_other_right_answers(said, number, answer):
    assert f'Exercise {number}: right: ' in said(number, answer)


@pytest.mark.parametrize('number, answer, sentence', WRONG)
def test_wrong_answers_get_the_sentence_that_helps(said, number, answer, sentence):
    printed = said(number, answer)
    assert f'Exercise {number}: not yet. ' in printed and sentence in printed


def test_the_same_on_a_machine_with_gpus(said, solutions, on_gpus):
    assert 'Exercise 2: right: ' in said(2, solutions[2]) and 'Exercise 6: right: ' in said(6, solutions[6])
