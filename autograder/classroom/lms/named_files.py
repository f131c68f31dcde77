"""No platform: files that people named, a class list with the column id, points as a plain table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from autograder.classroom.lms import class_list_form, grade_sheets
from autograder.classroom.lms.class_list_form import ClassListForm, Distinctness
from autograder.classroom.lms.grade_sheets import Grades, Sheet
from autograder.classroom.lms.platform import Claim, Enrolment, Platform
from autograder.classroom.roster.name_matching import Match


class NamedFiles(Platform):
    """Notebooks by mail or from a shared folder, named by their learner."""

    name = "named"
    key = "csv"
    class_lists = (
        ClassListForm(
            "a list with the column id",
            (("id", "student id"),),
            id=("id", "student id"),
            full_name=("name", "full name"),
            first_name=class_list_form.FIRST,
            last_name=class_list_form.LAST,
            email=class_list_form.EMAIL,
            lms_id=("lms user id", "lms id", "lmsid"),
            distinctness=Distinctness.OF_THIS_COURSE,
        ),
    )
    takes_any_file = True
    has_grade_file = True

    def claim(self, path: str, lessons: Collection[str]) -> Claim:
        """The learner is a folder, from the outside in, or the file's name."""
        place = PurePosixPath(path)
        folders = place.parts[:-1]
        return Claim((*folders, place.stem), "/".join(folders) or place.name, place.name)

    def owner(self, claim: Claim, enrolment: Enrolment) -> Match:
        """The first word that means somebody, be it an id, an address or a name."""
        matches = [enrolment.register.by_anything(text, enrolment.lessons) for text in claim.learners]
        unsure = [match for match in matches if match.learner or match.is_ambiguous]
        return (unsure or matches[-1:])[0]

    def grade_sheet(self, grades: Grades, theirs: Path | None, titles: Mapping[str, str]) -> Sheet:
        """A plain table. Args as in `Platform.grade_sheet`."""
        return grade_sheets.plain(grades)
