"""The kinds of limit as sites know them: `registry` has them all, one class each."""
