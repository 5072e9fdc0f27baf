"""Classifier: what each order line is."""
