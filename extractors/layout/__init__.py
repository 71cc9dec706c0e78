"""Words and ruled lines of all pages in; paragraphs and tables in reading order out."""
