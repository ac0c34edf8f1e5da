"""Animals of a fable, and customers of two regions: what the lesson says of them."""
import itertools

from d2lhelpers.datasets import customers, fable
from d2lhelpers.errors import CourseError

import numpy
import pytest


def test_any_two_kinds_differ_in_two_attributes_or_more():
    rows = fable.described()
    assert rows.shape == (24, 8)
    assert min(abs(a - b).sum() for a, b in itertools.combinations(rows, 2)) >= 2


def test_the_same_seed_draws_the_same_animals_and_no_two_parts_share_one():
    one, other, third = (fable.load_fable(train=24, validation=24, test=24, seed=seed) for seed in (1, 1, 2))
    assert one.fingerprint == other.fingerprint != third.fingerprint
    kept = [data.kept(0).tobytes() for data in (one.train, one.validation, one.test, third.train)]
    assert len(set(kept)) == 4 and one.train.kept(0).shape == (64, 64, 3)


@pytest.mark.parametrize('name', fable.ATTRIBUTES)
def test_an_attribute_can_be_seen(name):
    drawn = [fable.animal(numpy.random.default_rng(3), has, 0).astype(float) for has in ((), (name,))]
    assert (abs(drawn[0] - drawn[1]) > 40).any(axis=2).sum() > 10


def test_a_contract_holds_customers_in_the_north_alone():
    held = {}
    for region in customers.REGIONS:
        part = customers.load_customers(region, train=10, validation=10, test=4000).test
        contract = part.x[:, customers.COLUMNS.index('contract')] == 1
        held[region] = part.labels[~contract].mean() - part.labels[contract].mean()
    assert held['north'] > .1 and abs(held['south']) < .05


@pytest.mark.parametrize('load', [
    lambda: fable.load_fable(train=3, validation=24, test=24),
    lambda: customers.load_customers('east', train=10, validation=10, test=10),
    lambda: customers.load_customers('north', train=1, validation=10, test=10)])
def test_bad_sizes_and_regions_get_a_sentence(load):
    with pytest.raises(CourseError):
        load()
