"""Documents on paper: invoices, credit notes and payment requests as PDF, in the customer's language."""
