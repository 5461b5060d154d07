"""The definitions as a textbook writes them, and what is proved of them."""
