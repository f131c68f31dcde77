"""Which tests of an assignment may be walled, by their text and by a trial on the teacher's own work.

A walled test runs in a process of its own, isolated from the student's; a shared one runs in the student's.
The modules of this room call the five rules by these numbers (docs/courses.md tells them to instructors). A
test is walled only if

1. it gives the teacher's source its full points in both ways, every time;
2. both ways agree on all other sources, and at least one of these earns less;
3. its text, and that of what it calls, reaches nothing but values (`reading/reach`);
4. it shares no names with a shared test, and sets none that an answer or a given cell reads (`flow`);
5. the whole plan gives the teacher's source what one process gives it, and flags nothing (`decide.settle`).
"""
