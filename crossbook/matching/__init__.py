"""Which listings of different sources are the same event, and how sure one may be of it.

The way through: `names` (and `persons`) fold what sources write, `aliases` knows other names of the same team,
`similar` finds names that may be one and `block` the few listings worth a look, `schedule` knows names that are one
team by whom they met, `fit` and `score` say how well two listings agree and keep that as evidence, `decide` decides
(accept, review or reject, with reasons) and `group.events` joins what was accepted. `match.link` does all that once;
`linker.Linker` goes on as listings come and go, at the cost of what is around them, and says the same. `labelled` and
`measure` say how well that does.

Only strong agreement of both names, of the time and of every hard key is accepted; whatever is merely likely, or looks
like too much else to be compared with all of it, is left to a person.
"""
