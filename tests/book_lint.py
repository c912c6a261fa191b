"""Check the sources of the book: what Quarto would only say (or never say) at render time, and
the budgets of the house.

    python tests/book_lint.py                                  # the whole book
    python tests/book_lint.py nbs/04_spoter.ipynb              # one chapter in the book
    python tests/book_lint.py --executed _run/quick/executed   # has every figure an image?
    python tests/book_lint.py --site _run/site                 # is all there for Quarto?

Each check is a generator of `Problem`s over one chapter or over the book; `lint` runs them all.
Nothing here needs Quarto.
"""
import argparse
import ast
import io
import json
import re
import statistics
import sys
import tokenize
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from slr_tiny.glossary import read_glossary, refused_words
from slr_tiny.pipeline.outputs import join_options

# The budgets (a test keeps them; raise one only with a reason in the commit)
CELLS = (15, 80)            # cells of a notebook that exports
MODULE_LINES = 400          # lines of an exported module
CELL_LINES = 40             # longest code cell, blank lines, comments and directives counted
LINE_LENGTH = 100           # characters of a line of code, captions included
MEDIAN_LINES = 6            # median of the code cells
WORDS_PER_LINE = 3.0        # words of prose per line of code, wrapped lines counted once
ASSERTIONS = 1.5            # assertions per exported definition

# chapters that export nothing
NO_MODULE = {"05_training", "09_wasm_benchmark", "11_production", "14_continuous", "15_results"}
# supporting sections: free to have fewer cells than a chapter that teaches
SMALL = {"00b_plotting", "16_cli"}

NBDEV_DIRECTIVES = {"default_exp", "export", "exports", "exporti", "hide", "hide_line",
                    "filter_stream", "eval", "exec_doc", "notest", "long"}
QUARTO_DIRECTIVES = {"label", "fig-cap", "fig-alt", "fig-subcap", "fig-width", "fig-height",
                     "fig-align", "tbl-cap", "tbl-colwidths",
    "lst-cap", "lst-label", "echo", "output", "warning", "error", "include", "code-fold",
                     "code-summary", "layout-ncol", "layout-nrow",
    "layout", "column", "lightbox", "classes"}
# what every result says of itself
PROVENANCE = {"data", "content_hash", "split", "seeds", "samples", "started"}
QUARTO_KEYS = {"project", "website", "book", "format", "execute", "metadata-files", "bibliography",
               "csl", "lang", "crossref", "filters",
    "jupyter", "toc", "theme", "number-sections", "profile", "resources", "date", "author"}
EXPORTS = {"export", "exports", "exporti"}

KIND = r"(?:fig|tbl|sec|eq|lst|thm|def|exr)"
REFERENCE = re.compile(rf"(?<![\w\\/`.])@({KIND}-[\w-]*\w)")
ANCHOR = re.compile(r"\{[^{}\n]*#([A-Za-z][\w:.-]*)[^{}\n]*\}")
CITATION = re.compile(r"\[[^\]\n]*?(?<![\w\\/`.])-?@([\w][\w:.-]*\w)[^\]\n]*\]")
IMAGE = re.compile(r"!\[(.*?)\]\(([^)\s]*)[^)]*\)(\{[^}]*\})?", re.S)
LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*\]\(([^)\s]+)[^)]*\)")
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*\s*$", re.S | re.M)
COMMENT = re.compile(r"<!--.*?-->", re.S)
INLINE_CODE = re.compile(r"`[^`\n]*`")
NAME = re.compile(r"(?<!`)`([A-Za-z_]\w*)(?:\(\))?`(?!`)")      # of Python, in backticks
MAGIC = re.compile(r"^\s*[%!]")

@dataclass(frozen=True)
class Problem:
    "One finding: where it is, what is wrong, and what to do about it"
    file: str
    cell: str       # "" if the finding is about the whole file
    what: str
    remedy: str

    def __str__(self):
        return (
            f"{self.file}{', ' + self.cell if self.cell else ''}: {self.what}. Remedy: "
            f"{self.remedy}."
        )

@dataclass
class Cell:
    "One cell of a notebook (a Quarto Markdown file counts as a single Markdown cell)"
    kind: str
    source: str
    number: int = 1
    id: str = ""
    tags: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    count: int | None = None

    @property
    def place(self): return f"cell {self.number}" + (f" ({self.id})" if self.id else "")

    @cached_property
    def directives(self):
        """The `#|` lines at the top as a dict; a word of nbdev without a value maps to what follows
        it"""
        found = {}
        for line in join_options(self.source).splitlines():
            if not line.startswith("#|"): break
            body = line[2:].strip()
            key, colon, value = body.partition(":")
            if colon and " " not in key: found[key] = yaml.safe_load(value or "null")
            elif body: found[body.split()[0]] = " ".join(body.split()[1:])
        return found

    @cached_property
    def lines(self):
        "Lines of code: neither blank nor a directive"
        return [line for line in self.source.splitlines() if line.strip()
                and not line.startswith("#|")]

    @cached_property
    def remarks(self):
        "What code says to a reader: comments, captions and docstrings"
        text = "\n".join("pass" if MAGIC.match(line) else line for line in self.source.splitlines())
        try: tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
        except (tokenize.TokenError, SyntaxError): return ""
        said = [token.string for token in tokens if token.type == tokenize.COMMENT]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        nodes = [node for node in ast.walk(self.tree or ast.parse("")) if isinstance(node, kinds)]
        return "\n".join(said + [ast.get_docstring(node) or "" for node in nodes])

    @cached_property
    def statements(self):
        "Logical lines of code: a statement that is wrapped counts once"
        text = "\n".join("pass" if MAGIC.match(line) else line for line in self.lines)
        try: tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
        except (tokenize.TokenError, SyntaxError): return len(self.lines)
        return sum(token.type == tokenize.NEWLINE for token in tokens)

    @property
    def height(self): return len(self.source.rstrip("\n").split("\n"))

    @property
    def long(self):
        "Lines that do not fit on a page; addresses and papermill's parameters may be long"
        if "parameters" in self.tags: return []
        lines = self.source.splitlines()
        return [line for line in lines if len(line) > LINE_LENGTH and "://" not in line]

    @cached_property
    def tree(self):
        "The syntax tree, magics taken out; None if the cell does not parse"
        text = "\n".join("pass" if MAGIC.match(line) else line for line in self.source.splitlines())
        try: return ast.parse(text)
        except SyntaxError: return None

    @property
    def body(self): return self.tree.body if self.tree else []

    @cached_property
    def exported(self): return bool(EXPORTS & self.directives.keys())

    @cached_property
    def prose(self):
        return COMMENT.sub("", FENCE.sub("", self.source)) if self.kind == "markdown" else ""

    @cached_property
    def markup(self): return INLINE_CODE.sub("", self.prose)

    @cached_property
    def definitions(self):
        "Public definitions that this cell adds to a module"
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        public = self.directives.keys() & {"export", "exports"}
        return [node for node in self.body if isinstance(node, kinds)
                and not node.name.startswith("_")] if public else []

class Chapter:
    "A notebook or a Quarto Markdown file"
    def __init__(self, path, root):
        self.path, self.root = Path(path), Path(root)
        self.name, self.stem = self.path.name, self.path.stem
        self.file = str(
            self.path.relative_to(root)) if self.path.is_relative_to(root) else str(self.path)
        self.notebook = self.path.suffix == ".ipynb"
        self.cells = self._read() if self.notebook else [Cell("markdown", self.path.read_text())]

    def _read(self):
        cells = json.loads(self.path.read_text())["cells"]
        return [Cell(c["cell_type"], "".join(c["source"]), i + 1, c.get("id", ""),
                     c["metadata"].get("tags", []),
                     c.get("outputs", []), c.get("execution_count")) for i, c in enumerate(cells)]

    @property
    def code(self): return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def markdown(self): return [cell for cell in self.cells if cell.kind == "markdown"]

    @property
    def library(self): return self.notebook and self.stem not in NO_MODULE

    @cached_property
    def modules(self):
        "Names of the modules that this notebook exports to"
        named = [cell.directives[key].split()[0] for cell in self.code
                 for key in ("default_exp", "export", "exports", "exporti")
                 if cell.directives.get(key)]
        return sorted(set(named))

    @cached_property
    def definitions(self): return [(cell, node) for cell in self.code for node in cell.definitions]

    @cached_property
    def labels(self):
        """Every label that can be referred to, with its cell (a label that occurs twice is there
        twice)"""
        found = []
        for cell in self.cells:
            if cell.kind == "code" and cell.directives.get("label"):
                found.append((str(cell.directives["label"]), cell))
            found += [(name, cell) for name in ANCHOR.findall(cell.markup)]
        return found

    @cached_property
    def references(self):
        """Every @fig-, @tbl-, @sec-, @eq- ... of the prose, of captions and of Markdown that code
        produces"""
        return [(name, cell) for cell in self.cells
                for name in REFERENCE.findall(cell.markup if cell.kind == "markdown"
                                              else cell.source)]

    @cached_property
    def anchors(self):
        """Fragments that a link may lead to: labels and the identifiers that pandoc gives to
        headings"""
        found, seen = {name for name, _ in self.labels}, defaultdict(int)
        for cell in self.markdown:
            for heading in re.findall(r"^#{1,6}\s+(.*)$", cell.prose, re.M):
                name = identifier(heading)
                found.add(f"{name}-{seen[name]}" if seen[name] else name)
                seen[name] += 1
        return found

    def problem(self, cell, what, remedy):
        return Problem(self.file, cell.place if cell and self.notebook else "", what, remedy)

def identifier(heading):
    "Pandoc's automatic identifier of a heading"
    text = re.sub(r"\{[^}]*\}\s*$", "", heading)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"[^\w\s.-]", "", text.strip().lower())
    return re.sub(r"^[^a-z]+", "", re.sub(r"\s+", "-", text))

class Book:
    "All chapters in `folder`, the plan in `_quarto.yml`, and the package beside them"
    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.root = self.folder.parent
        self.chapters = [Chapter(path, self.root)
                         for path in sorted(
                             [*self.folder.glob("*.ipynb"), *self.folder.glob("*.qmd")])]
        self.plan_path = next((p for p in (self.folder / "_quarto.yml", self.root / "_quarto.yml")
                               if p.exists()), None)
        self.plan = yaml.safe_load(self.plan_path.read_text()) if self.plan_path else {}
        self.package = self.root / "slr_tiny"

    @cached_property
    def terms(self): return read_glossary()

    @cached_property
    def labels(self):
        found = defaultdict(list)
        for chapter in self.chapters:
            for name, cell in chapter.labels: found[name].append((chapter, cell))
        return found

    @cached_property
    def private(self):
        "Private names that some notebook exports"
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        cells = [cell for chapter in self.chapters for cell in chapter.code if cell.exported]
        return {node.name for cell in cells for node in cell.body
                if isinstance(node, kinds) and node.name.startswith("_")}

    @cached_property
    def nbdev_links(self):
        "Does nbdev make the links of names in backticks?"
        path = self.root / "pyproject.toml"
        settings = tomllib.loads(path.read_text())["tool"]["nbdev"] if path.exists() else {}
        return "add_links" not in settings.get("skip_procs", "").split(",")

    @cached_property
    def cited(self): return {name for chapter in self.chapters for name, _ in chapter.references}

    @cached_property
    def bibliography(self):
        "Keys of the bibliography files that _quarto.yml names"
        files = self.plan.get("bibliography", [])
        texts = [path.read_text() for f in ([files] if isinstance(files, str) else files)
                 for path in (self.folder / f, self.root / f) if path.exists()]
        return {key for text in texts for key in re.findall(r"^@\w+\s*\{\s*([^,\s]+)", text, re.M)}

    def listed(self, part):
        "Files of one list of the plan (chapters or appendices), flat: those of its parts too"
        def flat(entries):
            for entry in entries or []:
                if isinstance(entry, str): yield entry
                else:
                    if str(entry.get("part", "")).endswith((".qmd", ".ipynb", ".md")):
                        yield entry["part"]
                    yield from flat(entry.get("chapters"))
        return list(flat(self.plan.get("book", {}).get(part)))

# ---- checks of one notebook
# --------------------------------------------------------------------------------------------------

def check_head(chapter, book):
    "A notebook begins with its title, a one-sentence summary, and the name of its module"
    first = chapter.cells[0] if chapter.cells else Cell("markdown", "")
    if first.kind != "markdown" or not re.match(r"# \S.*\n\s*\n?> \S", first.source):
        yield chapter.problem(first, "the first cell is not a title with a summary",
                              "begin the notebook with '# Title', an empty line and '> one "
                              "sentence'")
    elif re.search(r"\n\s*\n", re.sub(r"^# .*\s+", "", first.source.strip())):
        yield chapter.problem(first,
                              "prose follows the summary in the first cell, and nbdev drops it "
                              "from the page", "move it into a cell of its own")
    if chapter.library and not any("default_exp" in cell.directives for cell in chapter.code):
        yield chapter.problem(None, "no cell says to which module the chapter exports",
                              "add a cell '#| default_exp name'")

def check_clean(chapter, book):
    "Notebooks in git carry no outputs, and papermill must not run an export"
    for cell in chapter.code:
        if cell.outputs or cell.count is not None:
            yield chapter.problem(cell, "the cell carries outputs or an execution count",
                                  "run nbdev-clean")
        if re.search(r"\bnbdev_export\s*\(|\bnb_export\s*\(", cell.source):
            yield chapter.problem(cell,
                                  "the cell exports the package, so papermill would do it too",
                                  "remove it; make exports")
        if cell.tree is None:
            yield chapter.problem(cell, "the cell is not valid Python", "correct its syntax")

def check_directives(chapter, book):
    "Directives are known, stand at the top, and agree with papermill's tags"
    for cell in chapter.code:
        for key in sorted(cell.directives.keys() - NBDEV_DIRECTIVES - QUARTO_DIRECTIVES):
            yield chapter.problem(cell,
                                  f"the directive '{key}' is known neither to nbdev nor to Quarto",
                                  "correct its spelling")
        for word in re.findall(r"^#\| {3,}([^\s:]+)", cell.source, re.M):
            if word in NBDEV_DIRECTIVES | {"eval"}:
                yield chapter.problem(cell, f"a wrapped option goes on with '{word}', which nbdev "
                                      "would obey", "wrap it at another word")
        top = True
        for line in cell.source.splitlines():
            if line.startswith("#|") and not top:
                yield chapter.problem(cell,
                                      f"the directive '{line}' stands below code and is ignored",
                                      "move it to the top of the cell")
            top = top and line.startswith("#|")
        if str(cell.directives.get("eval",
                                   "")).lower() == "false" and "skip-execution" not in cell.tags:
            yield chapter.problem(cell,
                                  "'eval: false' without the tag skip-execution, so papermill "
                                  "would run the cell", "tag it skip-execution")
        if cell.exported and any(MAGIC.match(line) for line in cell.source.splitlines()):
            yield chapter.problem(cell, "a magic in an exported cell",
                                  "move it to a cell of its own")

def check_imports(chapter, book):
    "nbdev's documentation step runs every cell with an import, so such a cell holds nothing else"
    kinds = (ast.Import, ast.ImportFrom)
    for cell in chapter.code:
        if cell.tree is None: continue
        top = [isinstance(node, kinds) for node in cell.body]
        nested = not cell.exported and any(isinstance(node, kinds) for node in ast.walk(cell.tree))
        if (any(top) or nested) and not all(top):
            yield chapter.problem(cell, "imports are mixed with other code",
                                  "put the imports in a cell of their own")

def check_figures(chapter, book):
    """Every labelled figure says what it shows, also to those who cannot see it; every image has a
    text and exists"""
    for cell in chapter.code:
        label = str(cell.directives.get("label") or "")
        for key in ("fig-cap", "fig-alt"):
            if label.startswith("fig-") and not cell.directives.get(key):
                yield chapter.problem(cell, f"the figure {label} has no {key}",
                                      f"add '#| {key}: \"…\"'")
            if not label.startswith("fig-") and cell.directives.get(key):
                yield chapter.problem(cell, f"{key} without a label that begins with fig-",
                                      "add '#| label: fig-…'")
        if label.startswith("tbl-") and not cell.directives.get("tbl-cap"):
            yield chapter.problem(cell, f"the table {label} has no tbl-cap",
                                  "add '#| tbl-cap: \"…\"'")
    for cell in chapter.markdown:
        for text, target, attributes in IMAGE.findall(cell.markup):
            if not text.strip() and "fig-alt" not in (attributes or ""):
                yield chapter.problem(cell, f"the image {target} has no text",
                                      "write what it shows between the brackets")
            if "://" in target:
                yield chapter.problem(cell, f"the image {target} comes from another site",
                                      "put it into the repository")
            elif not (chapter.path.parent / target).exists():
                yield chapter.problem(cell, f"the image {target} does not exist",
                                      "correct the path")

def check_references(chapter, book):
    """Every reference is resolved, every figure and table is mentioned, every citation is in the
    bibliography"""
    for name, cell in chapter.references:
        if name not in book.labels:
            yield chapter.problem(cell, f"@{name} is defined nowhere in the book",
                                  "correct the name or label its target")
    for name, cell in chapter.labels:
        others = [f"{c.file} {k.place}" for c, k in book.labels[name] if k is not cell]
        if others:
            yield chapter.problem(cell, f"the label {name} is also defined in {', '.join(others)}",
                                  "choose another name")
        if re.match("(fig|tbl)-", name) and name not in book.cited:
            yield chapter.problem(cell, f"{name} is never mentioned",
                                  f"refer to @{name} in the prose")
    for cell in chapter.markdown:
        for key in CITATION.findall(cell.markup):
            if not re.match(KIND + "-", key) and key not in book.bibliography:
                yield chapter.problem(cell, f"@{key} is not in the bibliography",
                                      "add it there, or name the source in words")

def check_links(chapter, book):
    "A link inside the book leads to a file, and to a heading or label of it, that exists"
    pages = {c.path.resolve(): c for c in book.chapters}
    for cell in chapter.markdown:
        for link in LINK.findall(cell.markup):
            if re.match(r"[a-z][a-z0-9+.-]*:", link): continue
            path, _, fragment = link.partition("#")
            target = (chapter.path.parent / path).resolve() if path else chapter.path.resolve()
            if not target.exists():
                yield chapter.problem(cell, f"the link {link} leads nowhere", "correct the path")
            elif not target.is_relative_to(book.folder):
                yield chapter.problem(cell,
                                      f"the link {link} leads out of the book and is dead on the "
                                      "site", "name the file as `code` instead")
            elif fragment and target in pages and fragment not in pages[target].anchors:
                yield chapter.problem(cell, f"there is no #{fragment} in {target.name}",
                                      "correct it, or label the heading {#sec-…}")

def check_names(chapter, book):
    "What the prose names in backticks can be read on the page, and its links lead somewhere"
    cells = [cell for cell in chapter.code if cell.directives.keys() & {"export", "exporti"}]
    hidden = {name: cell for cell in cells for name in defined(cell)}
    for cell in chapter.markdown:
        for name in dict.fromkeys(NAME.findall(cell.prose)):
            if name in hidden:
                what = f"the prose refers to {name}, and its body is hidden on the page"
                yield chapter.problem(hidden[name], what, "write #| exports")
            if name in book.private and book.nbdev_links:
                what = f"nbdev links {name}, which is private, to an anchor that does not exist"
                yield chapter.problem(cell, what, 'set skip_procs = "add_links" in pyproject.toml')

def defined(cell):
    "Names of the functions, classes and constants in capitals that a cell defines at its top"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assigned = [node for node in cell.body if isinstance(node, ast.Assign)]
    leaves = [leaf for node in assigned for target in node.targets for leaf in ast.walk(target)]
    constants = [leaf.id for leaf in leaves if isinstance(leaf, ast.Name) and leaf.id.isupper()]
    return [node.name for node in cell.body if isinstance(node, kinds)] + constants

def numbered(stem):
    "The number of a chapter or section as prose writes it, such as 5 or 5a; empty for other pages"
    found = re.match(r"(\d\d)([a-z]?)_", stem)
    return f"{int(found[1])}{found[2]}" if found else ""

def check_numbers(chapter, book):
    "A title begins with the number of its file, and prose calls chapters and sections by it"
    number, there = numbered(chapter.stem), {numbered(other.stem) for other in book.chapters}
    title = re.match(r"# (.*)", chapter.cells[0].source) if chapter.cells else None
    if number and title and not title[1].startswith(f"{number} "):
        yield chapter.problem(chapter.cells[0],
                              f"the title does not begin with the file's number {number}",
                              f"write '# {number} {title[1]}'")
    for cell in chapter.markdown:
        for kind, name, target in re.findall(r"\[([Cc]hapter|[Ss]ection) (\d+[a-z]?)\]\(([^)#]+)",
                                             cell.markup):
            if numbered(Path(target).stem) != name:
                yield chapter.problem(cell, f"'{kind} {name}' leads to {target}",
                                      "name the one that is meant")
        for name in re.findall(r"\b[Ss]ections? (\d+[a-z])\b", cell.markup):
            if name not in there:
                yield chapter.problem(cell, f"there is no section {name}",
                                      "name the one that is meant")
        if re.search(r"\b[Aa]ppendi(x|ces)\b", cell.markup):
            yield chapter.problem(cell, "it names an appendix, and the book has sections",
                                  "name the section by its number")

def check_size(chapter, book):
    "The budgets of cells and modules"
    fewest = CELLS[0] if chapter.library and chapter.stem not in SMALL else 1
    if not fewest <= len(chapter.cells) <= CELLS[1]:
        yield chapter.problem(None,
                              f"{len(chapter.cells)} cells, the budget is {fewest} to {CELLS[1]}",
                              "split or join cells, or move a part to another chapter")
    for name in chapter.modules:
        path = book.package / (name.replace(".", "/") + ".py")
        count = len(path.read_text().splitlines()) if path.exists() else 0
        if count > MODULE_LINES:
            yield chapter.problem(None,
                                  f"slr_tiny/{path.name} has {count} lines, the budget is "
                                  f"{MODULE_LINES}", "export less")
    sizes = [len(cell.lines) for cell in chapter.code if cell.lines]
    for cell in chapter.code:
        if cell.height > CELL_LINES:
            yield chapter.problem(cell,
                                  f"{cell.height} lines with blank ones and directives, the budget "
                                  f"is {CELL_LINES}", "split the cell")
    long = [(cell, line) for cell in chapter.code for line in cell.long]
    if long:
        cell, line = max(long, key=lambda found: len(found[1]))
        yield chapter.problem(
            cell,
            f"{len(long)} lines of code of more than {LINE_LENGTH} characters; the longest has "
            f"{len(line)}: {line.strip()[:40]}…",
            "give its parts names, or wrap it",
        )
    if sizes and statistics.median(sizes) > MEDIAN_LINES:
        yield chapter.problem(None,
                              f"the median code cell has {statistics.median(sizes):g} lines, the "
                              f"budget is {MEDIAN_LINES}", "split the longer cells")

def check_words(chapter, book):
    "One word for one thing, as data/glossary.yaml has it, in prose, captions, comments, docstrings"
    for cell in chapter.cells:
        text = cell.prose if cell.kind == "markdown" else cell.remarks
        for word, term in refused_words(text, book.terms):
            yield chapter.problem(cell, f"it says {word!r}", f"write {term!r}, or the right word")

def check_prose(chapter, book):
    "Without prose a notebook is only overhead"
    words = sum(len(re.findall(r"\w+(?:[-'’]\w+)*", cell.prose)) for cell in chapter.markdown)
    lines = sum(cell.statements for cell in chapter.code)
    if lines and words / lines < WORDS_PER_LINE:
        yield chapter.problem(None,
                              f"{words} words of prose for {lines} lines of code "
                              f"({words / lines:.1f} per line), the budget is {WORDS_PER_LINE:g}",
                              f"explain more ({WORDS_PER_LINE * lines - words:.0f} words) or code "
                              "less")

def assertions(chapter):
    "Number of assertions outside the exported cells: assert, test_…, assert_…, pytest.raises"
    def is_check(node):
        if isinstance(node, ast.Assert): return True
        if not isinstance(node, ast.Call): return False
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name.startswith(("test_", "assert_")) or name == "raises"
    return sum(is_check(node) for cell in chapter.code if cell.tree and not cell.exported
               for node in ast.walk(cell.tree))

def check_assertions(chapter, book):
    "Every exported definition is shown by examples that assert"
    count, needed = assertions(chapter), ASSERTIONS * len(chapter.definitions)
    if chapter.library and count < needed:
        yield chapter.problem(None,
                              f"{count} assertions for {len(chapter.definitions)} exported "
                              f"definitions, the budget is {ASSERTIONS} each",
                              f"add {needed - count:.0f} assertions to the examples")

def calls_of(chapter, name):
    "Calls of a function outside the exported cells, each with its cell"
    return [(cell, node) for cell in chapter.code if cell.tree and not cell.exported
            for node in ast.walk(cell.tree)
            if isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) == name]

def check_results(chapter, book):
    "A result is written under the chapter's name, with all that it depends on"
    if chapter.stem.startswith(("00", "16")): return     # they only show the function
    for cell, node in calls_of(chapter, "write_result"):
        topic = ast.unparse(node.args[1]) if len(node.args) > 1 else "nothing"
        if repr(chapter.stem) not in topic:
            yield chapter.problem(cell, f"the result is written as {topic}",
                                  f"write it as '{chapter.stem}'")
        given = {keyword.arg for keyword in node.keywords} | (
            {"started"} if len(node.args) > 4 else set())
        if None not in given and PROVENANCE - given:
            yield chapter.problem(cell,
                                  "the result does not say its "
                                  f"{', '.join(sorted(PROVENANCE - given))}", "pass it to "
                                                                              "write_result")

def check_parameters(chapter, book):
    """An experiment has one cell of parameters, literals only, below the library part, with the
    folder of its run"""
    tagged = [cell for cell in chapter.code if "parameters" in cell.tags]
    # those only show the function
    if calls_of(chapter,
                "write_result") and not tagged and not chapter.stem.startswith(("00", "16")):
        yield chapter.problem(None, "the chapter writes a result but has no cell of parameters",
                              "tag the experiment's first code cell 'parameters'")
    for cell in tagged[1:]:
        yield chapter.problem(cell, "a second cell of parameters", "papermill takes one; join them")
    for cell in tagged[:1]:
        for node in cell.body:
            if not is_literal(node):
                yield chapter.problem(cell, f"'{ast.unparse(node)}' is not a plain literal",
                                      "move it to the next cell")
        names = {target.id for node in cell.body if isinstance(node, ast.Assign)
                 for target in node.targets if isinstance(target, ast.Name)}
        if "run" not in names:
            yield chapter.problem(cell, "no parameter 'run'", "add run = \"_run/alone\"")
        late = [node.name for c, node in chapter.definitions if c.number > cell.number]
        if late:
            yield chapter.problem(cell, f"{', '.join(late)} exported below the parameters",
                                  "the experiment comes after the library part")

def is_literal(node):
    "True for `name = literal`, also with a type"
    if isinstance(node, ast.Assign):
        plain = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    elif isinstance(node, ast.AnnAssign):
        plain = isinstance(node.target, ast.Name) and node.value is not None
    else: return False
    if not plain: return False
    try: ast.literal_eval(node.value)
    except ValueError: return False
    return True

def check_documentation(chapter, book):
    "Public functions and methods: a docstring, and a type and a comment for each parameter"
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for cell, node in chapter.definitions:
        if isinstance(node, functions): yield from _undocumented(chapter, cell, node, node.name)
        else:
            if not ast.get_docstring(node):
                yield chapter.problem(cell, f"{node.name} has no docstring",
                                      "say in one line what it is")
            for method in node.body:
                if isinstance(method, functions) and (method.name == "__init__"
                                                      or not method.name.startswith("_")):
                    yield from _undocumented(chapter, cell, method, f"{node.name}.{method.name}")

def _undocumented(chapter, cell, node, name):
    init, decorated = node.name == "__init__", {getattr(d, "attr", getattr(d, "id", ""))
                                                for d in node.decorator_list}
    # the class says what forward does
    if not ast.get_docstring(node) and not init and not name.endswith(".forward"):
        yield chapter.problem(cell, f"{name} has no docstring", "say in one line what it does")
    if node.returns is None and not init:
        yield chapter.problem(cell, f"{name} has no type for what it returns", "add '-> …'")
    given = node.args.posonlyargs + node.args.args
    # self
    if "." in name and "staticmethod" not in decorated or "patch" in decorated: given = given[1:]
    given = given + node.args.kwonlyargs
    # *args and **kwargs need only a comment
    untyped = [a.arg for a in given if a.annotation is None]
    given = given + [a for a in (node.args.vararg, node.args.kwarg) if a]
    bare = [a.arg for a in given if a.arg not in commented(cell, node)]
    if untyped:
        yield chapter.problem(cell, f"{name}: no type for {', '.join(untyped)}", "annotate it")
    if bare:
        yield chapter.problem(cell, f"{name}: no comment for {', '.join(bare)}",
                              "one parameter per line, each with a trailing comment (shape, unit)")

def commented(cell, node):
    "Names of the parameters that a comment follows on their line, or precedes on a line of its own"
    comments, alone = {}, set()
    for token in tokenize.generate_tokens(io.StringIO(cell.source + "\n").readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.string
            if not token.line[:token.start[1]].strip(): alone.add(token.start[0])
    arguments = [a for a in (*node.args.posonlyargs, *node.args.args, node.args.vararg,
                             *node.args.kwonlyargs, node.args.kwarg) if a]
    starts, last = defaultdict(list), {}
    for a in sorted(arguments, key=lambda a: (a.lineno, a.col_offset)):
        starts[a.lineno].append(a.arg)
        last[a.end_lineno] = a.arg
    return {name for line, name in last.items() if line in comments} | {
        names[0] for line, names in starts.items() if line - 1 in alone}

# ---- checks of the book
# --------------------------------------------------------------------------------------------------

def check_plan(book):
    "The chapters of _quarto.yml are the notebooks, in the order of their numbers"
    file = "_quarto.yml"
    if not book.plan_path:
        yield Problem(file, "", "it does not exist", "write the plan of the book")
        return
    for key in sorted(book.plan.keys() - QUARTO_KEYS):
        yield Problem(file, "", f"unknown key '{key}'", "correct its spelling")
    if book.plan.get("project", {}).get("type") != "book":
        yield Problem(file, "",
                      "the project is not a book, so references between chapters stay unresolved",
                      "set project.type to book")
    if book.plan.get("format", {}).get("html", {}).get("number-sections"):
        yield Problem(file, "", "Quarto would number the pages beside the numbers in the titles",
                      "set number-sections to false")
    theme = book.plan.get("format", {}).get("html", {}).get("theme") or []
    theme = [theme] if isinstance(theme, str) else theme
    own = [book.folder / name for name in theme if name.endswith(".scss")]
    told = "\n".join(path.read_text() for path in own if path.exists())
    if theme and not re.search(r"^\$web-font-path:\s*false", told, re.M):
        yield Problem(file, "", "the theme fetches its fonts from another host",
                      "add a theme file with '$web-font-path: false;'")
    listed = book.listed("chapters")
    if book.listed("appendices"):
        yield Problem(file, "", "it lists appendices",
                      "give them numbers and list them in book.chapters")
    for name in listed:
        if not (book.folder / name).exists():
            yield Problem(file, "", f"{name} is listed but does not exist", "remove it or write it")
    for chapter in book.chapters:
        if (count := listed.count(chapter.name)) != 1:
            yield Problem(chapter.file, "", f"listed {count} times in book.chapters",
                          "list it once in book.chapters of _quarto.yml")
        if chapter.notebook and not numbered(chapter.stem):
            yield Problem(chapter.file, "", "its name does not begin with a number",
                          "call it NN_topic (a chapter) or NNa_topic (a section)")
        if numbered(chapter.stem) and chapter.cells and re.match(
            r"# .*\{[^}]*(\.unnumbered|-)\s*\}", chapter.cells[0].source):
            yield Problem(chapter.file, "",
                          "its title is unnumbered, which nbdev prints as it stands",
                          "remove {.unnumbered}")
    # how the project works stands at the end
    own = [name for name in listed if numbered(name) and not name.startswith("00")]
    if own != sorted(own):
        yield Problem(file, "", f"{', '.join(own)} are out of order", "list them by number")
    pages = [re.sub(r"^\d\d[a-z]?_", "", Path(name).stem) for name in listed]
    for page in sorted({page for page in pages if pages.count(page) > 1}):
        yield Problem(file, "",
                      f"two notebooks are called {page}, so one page would overwrite the other",
                      "rename one")

def check_assembled(book, site):
    "The folder that nbdev and Quarto read holds all notebooks with their outputs, and nbdev.yml"
    site = Path(site)
    if not (site / "nbdev.yml").exists():
        what = "nbdev.yml is missing, so nbdev would take the notebooks without outputs"
        yield Problem(str(site), "", what, "run make docs")
    for name in book.listed("chapters"):
        path = site / name
        if not path.exists(): what = "it is missing from the site"
        elif path.suffix != ".ipynb" or any(cell.outputs for cell in Chapter(path, book.root).code):
            continue
        else: what = "it has no outputs, so its page would have no figures"
        yield Problem(str(path), "", what, "run make docs")

def check_executed(chapter, book, executed):
    "In the executed copy no cell failed and every figure cell drew an image"
    figures = [cell for cell in chapter.code
               if str(cell.directives.get("label") or "").startswith("fig-")]
    path = Path(executed) / chapter.name
    if not path.exists():
        if figures:
            yield chapter.problem(None,
                                  f"no executed copy in {executed}, so its figures are missing on "
                                  "the site", "run the chapter")
        return
    copy = Chapter(path, book.root)
    by_id = {cell.id: cell for cell in copy.cells}
    for cell in copy.code:
        for output in cell.outputs:
            if output.get("output_type") == "error":
                yield copy.problem(cell,
                                   f"failed with {output.get('ename')}: "
                                   f"{output.get('evalue', '')[:120]}", "correct the cell and run "
                                                                        "the chapter again")
    for cell in figures:
        label = cell.directives["label"]
        if str(cell.directives.get("eval", "")).lower() == "false": continue
        if cell.id not in by_id:
            yield chapter.problem(cell, f"the executed copy in {executed} has no cell for {label}",
                                  "it is older than the notebook; run the chapter again")
        elif not has_image(by_id[cell.id]):
            yield chapter.problem(cell, f"{label} produced no image when executed",
                                  "end the cell with the figure")
    for cell in copy.code:
        if has_image(cell) and not str(cell.directives.get("label") or "").startswith("fig-"):
            yield copy.problem(cell, "an image without a label",
                               "add '#| label: fig-…', fig-cap and fig-alt")

def has_image(cell):
    "True if an output of the cell is an image"
    kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
    html = " ".join("".join(output["data"]["text/html"]) for output in cell.outputs
                    if "text/html" in output.get("data", {}))
    return any(kind.startswith("image/") for kind in kinds) or bool(
        re.search("<(svg|img|video|canvas)", html))

EVERYWHERE = [check_figures, check_references, check_links, check_numbers, check_names]
NOTEBOOK = [
    check_head, check_clean, check_directives, check_imports, check_size, check_words,
    check_prose, check_assertions, check_parameters, check_results, check_documentation]

def lint(folder, only=None, executed=None, site=None):
    """All problems of the book in `folder`; `only` restricts them to some files.
    `executed` holds executed copies, `site` what nbdev and Quarto read."""
    book = Book(folder)
    wanted = {Path(path).resolve() for path in only} if only else None
    problems = [] if wanted else list(check_plan(book))
    for chapter in book.chapters:
        if wanted is not None and chapter.path.resolve() not in wanted: continue
        for check in EVERYWHERE + (NOTEBOOK if chapter.notebook else []):
            problems += check(chapter, book)
        if executed and chapter.notebook: problems += check_executed(chapter, book, executed)
    return problems + (list(check_assembled(book, site)) if site else [])

def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check the sources of the book.")
    parser.add_argument("notebooks", nargs="*", type=Path,
                        help="restrict the report to these (default: all)")
    parser.add_argument("--executed", type=Path,
                        help="folder with executed copies, e.g. _run/quick/executed")
    parser.add_argument("--site", type=Path, help="what nbdev and Quarto read, e.g. _run/site")
    options = parser.parse_args(arguments)
    for path in [*options.notebooks, *filter(None, [options.executed, options.site])]:
        if not path.exists(): parser.error(f"{path} does not exist")
    folder = (
        options.notebooks[0].parent
        if options.notebooks
        else Path(__file__).resolve().parents[1] / "nbs"
    )
    problems = lint(folder, options.notebooks, options.executed, options.site)
    for problem in problems: print(problem)
    print(f"{len(problems)} problem{'s' * (len(problems) != 1)}" if problems else "ok")
    return 1 if problems else 0

if __name__ == "__main__": sys.exit(main())
