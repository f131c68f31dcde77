"""Markdown and LaTeX to safe HTML and MathML, strings that others wrote, SVG charts, font and palette."""
