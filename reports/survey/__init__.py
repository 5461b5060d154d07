"""The frameworks beside refacts: which function is which activation, and what is wrong with it."""
