"""Deliverability: domains, providers, bounces, suppression, complaints."""
