"""The composition root: settings, addresses, schedule, demo. It imports every app and is imported by none."""
