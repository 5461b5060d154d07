"""From results to what is said of them."""
