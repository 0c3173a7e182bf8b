"""From a course to the values of its pages: one module per part of the schedule."""
