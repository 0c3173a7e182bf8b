"""The pages of a subject in the browser: what a form shows, what was typed, and where saving leads."""
