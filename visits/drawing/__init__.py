"""The target leg as a drawing: where stents, lesions, devices and events lie, to scale."""
