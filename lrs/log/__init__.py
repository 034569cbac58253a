"""The log: every event of a store, in order, for ever."""
