"""Crops to predictions. LiteRT by default; Keras only where a file asks for it."""
