"""Files that sites upload: images and source documents, checked, cleaned and kept apart until scanned."""
