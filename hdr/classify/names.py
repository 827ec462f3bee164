"""The labels that mean something to hdr itself. It imports nothing, so that the window may."""

DIGITS = tuple("0123456789")
NOT_A_DIGIT = "none"
"""The label of ink that is no digit, whoever says so, a person or a model that has it among its labels."""
CANNOT_TELL = "?"
"""A person's label for what is a digit, but nobody can tell which: kept, and never learned from."""
