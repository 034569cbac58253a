"""What statements mean: classification, vocabulary, profile, unknown verbs."""
