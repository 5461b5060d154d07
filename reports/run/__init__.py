"""Shards, workers and progress."""
