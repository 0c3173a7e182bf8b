"""The drawing of the course on the subject page, worked out here, drawn by templates."""
