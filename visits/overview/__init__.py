"""Where subjects stand: the signs of pages, the course of visits, the matrix."""
