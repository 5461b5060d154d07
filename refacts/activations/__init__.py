"""One file per activation: its spec, value and derivative."""
