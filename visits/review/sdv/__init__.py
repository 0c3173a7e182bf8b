"""Source data verification: the plan, the monitor's marks on items, what is left to do, the visit report."""
