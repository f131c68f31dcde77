"""`autograder demo`: a sample class, graded."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option, settings_of


@click.command()
@click.argument("lesson", required=False)
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@course_option
def demo(lesson: str | None, force: bool, root: Path) -> None:
    """Build the course, make a sample class in demo/ and grade it."""
    from autograder.authoring import sample_class
    from autograder.authoring.building import build
    from autograder.cli.views import grading
    from autograder.core.errors import CourseError
    from autograder.course import course_toml
    from autograder.grading.dispatch.grade_course import grade_course

    course = course_toml.read(root.resolve())
    if not course.lessons:
        raise CourseError(
            'the course has no lesson yet. Begin one: autograder new 01-first-lesson --title "…"'
        )
    build.build(course, course.lessons, lambda name: click.echo(f"built {name}"))
    name = course.find([lesson])[0] if lesson else course.lessons[0]
    folder = course.root / "demo"
    students = sample_class.write(course, name, folder)
    click.echo(f"demo/submitted: {len(students)} submissions of {name}, named by what is in them")
    settings = settings_of(10, None, False, force)
    with grading.Screen(settings) as screen:
        result = grade_course(folder, name, settings=settings, due=sample_class.DUE, tell=screen.tell)
    screen.finish(result)
    click.echo(f"\nNext: `make lab LESSON={name[:2]}` opens the lesson as a learner sees it.")
