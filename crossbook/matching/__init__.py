"""Which listings of different sources are the same event, and how sure one may be of it.

The way through: `names` folds what sources write, `aliases` knows other names of the same team, `block` finds the
few listings worth a look, `fit` and `score` say how well two of them agree and keep that as evidence, `match.link`
decides (accept, review or reject, with reasons) and `group.events` joins what was accepted. Only strong agreement
of both names, of the time and of every hard key is accepted; whatever is merely likely is left to a person.
"""
