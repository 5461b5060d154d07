"""Formats, precision and rounding."""
