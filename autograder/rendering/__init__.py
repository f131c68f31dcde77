"""Markdown and LaTeX to safe HTML and MathML, SVG charts, the font and the palette."""
