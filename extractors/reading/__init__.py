"""A page in; words with boxes and confidence, and ruled lines, out."""
