"""Leaf helpers that every app may import and that import no app."""
