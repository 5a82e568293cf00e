"""Client prose: sentences over results, in the reader's language. No number is computed here."""
