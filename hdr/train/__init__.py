"""A dataset to a published model. With one back end the only place where Keras is imported."""
