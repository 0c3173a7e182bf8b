"""Drawings of the subject page: the leg and the course, worked out here, drawn by templates."""
