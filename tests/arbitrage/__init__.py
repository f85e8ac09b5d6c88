"""Tests of the arbitrage room: states, certificates, exact optima, stakes, screens, and the way through."""
