"""Purchasing: quotes from suppliers, purchase orders, confirmations and receipts."""
