"""The relay, the messages it sends, and the metrics."""
