"""A report in; pass, fail or unknown for each rule, with the cells involved, out."""
