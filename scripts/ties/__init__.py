"""The search for inputs whose exact results lie beside ties: `python -m scripts.ties`."""
