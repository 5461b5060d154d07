"""What targets are judged on."""
