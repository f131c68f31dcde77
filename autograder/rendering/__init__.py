"""Markdown and LaTeX to HTML and MathML that is safe to show. Needs core alone."""
