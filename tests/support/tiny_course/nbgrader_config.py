"""nbgrader's settings for this course. `nbgrader` and `autograder` both read this file."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "generative-models"
# What stands beside a notebook (lesson.json, the lesson's own files) travels with it, but for these.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", ".nbgrader.log"]

# A learner's stub is exactly the lines that the author wrote outside the solution's marks.
c.ClearSolutions.code_stub = {"python": ""}

# nbgrader's own list without ClearOutput: the notebooks are built without outputs, but for each
# figure's picture, which is there so that the page is not empty before a kernel runs.
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in (
        "IncludeHeaderFooter",
        "InstantiateTests",
        "LockCells",
        "ClearSolutions",
        "CheckCellMetadata",
        "ComputeChecksums",
        "SaveCells",
        "ClearHiddenTests",
        "ClearMarkScheme",
        "ComputeChecksums",
        "CheckCellMetadata",
    )
]

# Figures, flashcards and progress: no graded cell uses their names, so they are not run when grading.
c.Execute.skip_cells_with_tag = "not-graded"
c.Execute.timeout = 30
