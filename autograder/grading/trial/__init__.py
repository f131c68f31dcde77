"""Which tests of an assignment may be walled, by their text and by a trial on the teacher's own work."""
