"""The pages of docs/ that are made of the code: `python -m scripts.documents` writes them."""
