"""How rows are answered."""
