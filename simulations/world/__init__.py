"""The world around a society: customers, suppliers, floor, warehouse, engineering, managers, all by seeded chance."""
