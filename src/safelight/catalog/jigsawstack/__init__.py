"""Models of JigsawStack."""
