"""Relevo: a company's customer-service protocol, made to run."""
