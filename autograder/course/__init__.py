"""Finds lessons: course.toml, lesson.json."""
