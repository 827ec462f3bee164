"""Labelled crops as files: what a person saved, as plain PNGs by label, and what is made of them."""
