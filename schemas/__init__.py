"""The words everyone in the house shares; imports nothing of ours."""
