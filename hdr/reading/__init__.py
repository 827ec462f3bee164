"""Crops and a classifier to a reading: the one pipeline that every mouth of the tool calls."""
