"""What statements mean: pure folds per learner, their tables and their reads."""
