"""The dashboard: pages for learners, managers and L&D, rendered here from what the read API answers."""
