"""A demo organisation: sixty people in six teams and half a year of learning, made up from a seed.

One team thrives, each other stalls for a reason of its own. ``data/`` says who there is, what can be learnt and how
each team learns; ``history`` makes statements of that, the same ones for the same seed and last day; ``writer`` sends
them through the HTTP API, as content tools would.
"""
