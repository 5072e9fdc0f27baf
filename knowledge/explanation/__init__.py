"""Explanations: what a document waits for, what it is for, why a line is late, and what would cure that."""

from knowledge.explanation.explain import explain, explainer
from knowledge.explanation.names import UnknownDocumentError
from knowledge.explanation.values import Explanation

__all__ = ["Explanation", "UnknownDocumentError", "explain", "explainer"]
