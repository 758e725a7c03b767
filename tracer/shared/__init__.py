"""The few things every room needs: refusals, money, clock. Small and pure."""
