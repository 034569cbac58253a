"""Policy, vocabulary, and the configuration over HTTP."""
