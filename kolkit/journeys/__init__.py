"""A journey puts declared inputs through the models and says what follows."""
