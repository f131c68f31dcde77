r"""The LaTeX that a formula of a course may hold: what JupyterLab's MathJax and our MathML both show.

A word that stands in no list here is an error of the build, so that none reaches a reader as raw `\word`.
A test holds each against MathJax and against the MathML that is made of it.
"""

from __future__ import annotations


def _words(*lines: str) -> frozenset[str]:
    return frozenset(rf"\{word}" for line in lines for word in line.split())


GREEK = _words(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi",
    "rho varrho sigma varsigma tau upsilon phi varphi chi psi omega",
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
)
FUNCTIONS = _words(
    "arccos arcsin arctan arg cos cosh cot coth csc deg dim exp hom ker lg ln log sec sin sinh tan tanh"
)
"""Names that stand beside their index."""
LIMITS = _words("det gcd inf lim liminf limsup max min Pr sup")
"""Names that carry their index below them, in a displayed formula."""
BIG_OPERATORS = _words(
    "sum prod coprod bigcap bigcup bigsqcup bigvee bigwedge bigoplus bigotimes int iint iiint oint"
)
SYMBOLS = _words(
    # relations
    "approx asymp cong doteq equiv ge geq gg gt le leq ll lt mid ne neq parallel nparallel perp prec preceq",
    "propto sim simeq succ succeq in ni notin subset subseteq supset supseteq subsetneq models vdash dashv",
    "triangleq leqslant geqslant lesssim gtrsim",
    # between two things
    "ast bullet cap cdot circ cup div land lor mp odot ominus oplus otimes oslash pm setminus star times",
    "uplus vee wedge",
    # arrows
    "to gets leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow uparrow downarrow",
    "updownarrow Uparrow Downarrow mapsto longmapsto longleftarrow longrightarrow longleftrightarrow",
    "Longleftarrow Longrightarrow Longleftrightarrow hookrightarrow hookleftarrow rightharpoonup",
    "leftharpoonup rightleftharpoons nearrow searrow iff implies impliedby leadsto",
    # signs
    "aleph angle bot top dagger ddagger ell emptyset varnothing exists nexists forall hbar imath jmath Im Re",
    "infty lnot neg nabla partial prime surd wp square blacksquare triangle therefore because",
    # dots
    "cdots ddots dots dotsb dotsc dotsm ldots vdots colon",
)
DELIMITERS = _words(
    "langle rangle lbrace rbrace lbrack rbrack lceil rceil lfloor rfloor lvert rvert lVert rVert vert Vert",
    "backslash",
)
ACCENTS = _words(
    "acute bar breve check ddot dddot dot grave hat mathring tilde vec widehat widetilde",
)
OVER_AND_UNDER = _words(
    "overbrace underbrace overline underline overrightarrow overleftarrow overset underset stackrel",
    "xleftarrow xrightarrow",
)
FRACTIONS = _words("frac dfrac tfrac cfrac binom dbinom tbinom sqrt")
FONTS = _words("mathbb mathbf mathcal mathfrak mathit mathrm mathscr mathsf mathtt boldsymbol bf it rm")
SIZES = _words("big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm")
FENCES = _words("left middle right")
STYLES = _words(
    "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits",
    "phantom hphantom vphantom boxed bmod pmod not",
)
SPACES = _words("quad qquad enspace thinspace") | {r"\,", r"\:", r"\;", r"\!", r"\>", "\\ "}
SIGNS = {r"\{", r"\}", r"\|", r"\%", r"\#", r"\&", r"\$", r"\_"}
TEXTS = {
    r"\text": "",
    r"\mbox": "",
    r"\textrm": "",
    r"\textnormal": "",
    r"\textbf": "bold",
    r"\textit": "italic",
    r"\textsf": "sans",
    r"\texttt": "mono",
}
"""Commands with words as their argument, and how these are shown."""
LENGTHS = _words("hspace hskip kern mkern mskip mspace")
"""Commands with a length as their argument."""
NAMES = {r"\operatorname", r"\operatorname*"}
MARKS = {r"\tag", r"\tag*", r"\label", r"\nonumber", r"\notag"}
LINES = {r"\hline"}

PASSED_ON = (
    *(GREEK, LIMITS, BIG_OPERATORS, SYMBOLS, DELIMITERS, ACCENTS, OVER_AND_UNDER, FRACTIONS, FONTS),
    *(FENCES, STYLES, SPACES, SIGNS),
)
"""Lists that latex2mathml converts; the rest is converted in this package."""
KNOWN = frozenset().union(
    *PASSED_ON, FUNCTIONS, SIZES, TEXTS, LENGTHS, NAMES, MARKS, LINES, {r"\begin", r"\end", r"\substack"}
)

INSTEAD = {
    r"\\": "Put the lines into \\begin{aligned} ... \\end{aligned}.",
    r"\over": r"Write \frac{...}{...}.",
    r"\atop": r"Write \substack{... \\ ...}.",
    r"\choose": r"Write \binom{...}{...}.",
    r"\argmax": r"Write \operatorname*{arg\,max}.",
    r"\argmin": r"Write \operatorname*{arg\,min}.",
    r"\mathop": r"Write \operatorname*{...}.",
    r"\bm": r"Write \boldsymbol{...}.",
    r"\intertext": "End the formula, write the text, and begin another formula.",
    r"\newcommand": "Write the formula out: a command of one's own is not known on the other pages.",
    r"\def": "Write the formula out: a command of one's own is not known on the other pages.",
}
"""What to type in place of a command that authors are used to."""
