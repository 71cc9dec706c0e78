"""Makes annual reports with known answers: truth records, text PDFs and scans of them."""
