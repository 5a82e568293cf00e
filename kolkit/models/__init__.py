"""The mathematics: plain numbers and arrays in, frozen results out; no plotting, no widgets."""
