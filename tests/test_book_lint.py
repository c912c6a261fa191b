"""Each check of the book's lint, on a tiny book that is right except in one place."""
import json

import pytest
import yaml
from book_lint import lint, main

PROSE = (
    "Here is why the next cell exists and what it shows, in words enough for the reader who has "
    "never seen it before. "
    * 2
)

def md(text, **more): return dict(cell_type="markdown", source=text, metadata={}, **more)

def code(text, tags=(), **more):
    return dict(cell_type="code", source=text, metadata={"tags": list(tags)} if tags else {},
                execution_count=None, outputs=[]) | more

DEFINITION = '''#| export
def double(
    x: int, # any number
) -> int: # twice as much
    "Twice x."
    return 2 * x'''
PRIVATE = '''#| exports
def _half(x: int) -> int:
    "Half of x."
    return x // 2'''
FIGURE = '''#| label: fig-line
#| fig-cap: "A line."
#| fig-alt: "A line from the lower left to the upper right."
draw()'''
RESULT = '''write_result(run, "01_lines", {}, data="none", content_hash="0", seeds=[], split="none",
             samples=0, started=0)'''
PARAMETERS = 'run = "_run/alone"\nepochs = 2\nrates = [.1, -2]'

def chapter():
    "A chapter without a fault; its cells are found by name"
    named = {"head": md("# 1 Lines\n\n> What a line is.\n"), "module": code("#| default_exp lines"),
             "imports": code("#| export\nimport math"),
        "definition": code(DEFINITION),
             "tests": code("assert double(2) == 4\nassert double(0) == 0"),
        "prose": md(
            "## A figure {#sec-figure}\n\nSee @fig-line, [the same](#sec-figure), and [the "
            "cover](index.qmd#hello-world)."),
        "figure": code(FIGURE), "parameters": code(PARAMETERS, tags=["parameters"]),
             "result": code(RESULT)}
    for i in range(8): named |= {f"prose{i}": md(PROSE), f"code{i}": code(f"print({i})")}
    return named

def write(folder, cells, name="01_lines"):
    cells = [cell | {"id": key} for key, cell in cells.items()]
    path = folder / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(dict(cells=cells, metadata={}, nbformat=4, nbformat_minor=5)))
    return path

@pytest.fixture
def book(tmp_path):
    "Writes a book of a cover and one chapter; returns what the lint says"
    def make(cells, plan=None, executed=None):
        (tmp_path / "nbs").mkdir()
        (tmp_path / "nbs" / "index.qmd").write_text(
            "# Cover {.unnumbered}\n\n## Hello, World!\n\nSee @sec-figure.\n")
        plan = plan or {"project": {"type": "book"},
                        "book": {"chapters": ["index.qmd", "01_lines.ipynb"]}}
        (tmp_path / "_quarto.yml").write_text(yaml.safe_dump(plan))
        write(tmp_path / "nbs", cells)
        if executed is not None: write(tmp_path / "executed", executed)
        return [str(p) for p in lint(tmp_path / "nbs", executed=tmp_path / "executed"
                                     if executed is not None else None)]
    return make

def test_a_right_book(book):
    assert book(chapter()) == []

def change(key, **new):
    "A fault: one cell is replaced in part"
    def apply(cells): cells[key] = cells[key] | new
    return apply

def source(key, text): return change(key, source=text)

def append(key, text):
    def apply(cells): cells[key] = cells[key] | {"source": cells[key]["source"] + text}
    return apply

def replace(key, old, new):
    def apply(cells):
        assert old in cells[key]["source"]
        cells[key] = cells[key] | {"source": cells[key]["source"].replace(old, new)}
    return apply

def add(cell):
    def apply(cells): cells["added"] = cell
    return apply

FAULTS = {
    # the head
    "no summary": (source("head", "# 1 Lines\n\nA line."), "title with a summary"),
    "no title": (source("head", "Lines\n\n> What a line is."), "title with a summary"),
    "prose in the first cell": (append("head", "\nHere is why."), "nbdev drops it"),
    "no module": (source("module", "one = 1"), "to which module"),
    # a clean notebook
    "outputs": (change("code1", outputs=[dict(output_type="stream", name="stdout", text="1")]),
                "carries outputs"),
    "execution count": (change("code1", execution_count=3), "execution count"),
    "export cell": (add(code("nbdev_export()")), "exports the package"),
    "syntax": (source("code1", "def ("), "not valid Python"),
    # directives
    "unknown directive": (replace("figure", "#| fig-alt", "#| fig-slt: x\n#| fig-alt"),
                          "'fig-slt' is known neither"),
    "late directive": (append("figure", "\n#| echo: false"), "below code"),
    "eval without tag": (source("code1", "#| eval: false\nprint(1)"), "skip-execution"),
    "magic in export": (source("definition", DEFINITION + "\n%time double(2)"), "magic"),
    # imports
    "mixed imports": (source("code1", "import math\nprint(math.pi)"), "imports are mixed"),
    "mixed exported imports": (source("imports", "#| export\nimport math\nPI = math.pi"),
                               "imports are mixed"),
    "nested import": (source("code1", "def f():\n    import math\n    return math.pi"),
                      "imports are mixed"),
    # figures
    "no caption": (replace("figure", '#| fig-cap: "A line."\n', ""), "has no fig-cap"),
    "no alternative": (
        replace("figure", '#| fig-alt: "A line from the lower left to the upper right."\n', ""),
        "has no fig-alt"),
    "caption without label": (replace("code1", "print(1)", '#| fig-cap: "x"\nprint(1)'),
                              "fig-cap without a label"),
    "table without caption": (source("code1", "#| label: tbl-a\nprint('see @tbl-a')"),
                              "has no tbl-cap"),
    "image without text": (append("prose", "\n![](index.qmd)"), "has no text"),
    "missing image": (append("prose", "\n![A cat](cat.png)"), "cat.png does not exist"),
    "foreign image": (append("prose", "\n![A cat](https://example.org/cat.png)"),
                      "from another site"),
    # references
    "unresolved": (append("prose", " And @fig-circle."), "@fig-circle is defined nowhere"),
    "unresolved in a caption": (replace("figure", "A line.", "A line, as in @eq-line."),
                                "@eq-line is defined nowhere"),
    "label twice": (append("prose2", "\n\n### Again {#sec-figure}"),
                    "sec-figure is also defined in"),
    "figure never mentioned": (replace("prose", "@fig-line", "below"),
                               "fig-line is never mentioned"),
    "citation": (append("prose", " As in [@euclid]."), "@euclid is not in the bibliography"),
    # links
    "dead link": (append("prose", " [x](02_circles.ipynb)"), "leads nowhere"),
    "dead anchor": (append("prose", " [x](#sec-circle)"), "no #sec-circle in 01_lines.ipynb"),
    "dead anchor elsewhere": (append("prose", " [x](index.qmd#bye)"), "no #bye in index.qmd"),
    "private anchor": (append("prose", " [x](01_lines.ipynb#_half)"), "no #_half in 01_lines"),
    "private name": (lambda cells: (add(code(PRIVATE))(cells),
                                    append("prose", " See `_half`.")(cells)), "nbdev links _half"),
    "hidden body": (append("prose", " So does `double()`."), "refers to double, and its body is"),
    "hidden constant": (lambda cells: (append("definition", "\n\nTWO = 2")(cells),
                                       append("prose", " It is `TWO`.")(cells)), "refers to TWO"),
    "wrong section": (append("prose", " [Section 1a](index.qmd)"),
                      "'Section 1a' leads to index.qmd"),
    "wrong number": (append("prose", " [chapter 2](01_lines.ipynb)"),
                     "'chapter 2' leads to 01_lines.ipynb"),
    "no such section": (append("prose", " As in section 3c."), "there is no section 3c"),
    "appendix": (append("prose", " As in the appendix."), "it names an appendix"),
    "no number": (source("head", "# Lines\n\n> What a line is."),
                  "does not begin with the file's number 1"),
    "unnumbered": (source("head", "# 1 Lines {.unnumbered}\n\n> What a line is."),
                   "its title is unnumbered"),
    "out of the book": (append("prose", " [x](../_quarto.yml)"), "out of the book"),
    # sizes
    "long cell": (source("code1", "\n".join(f"print({i})" for i in range(41))),
                  "41 lines with blank ones"),
    "blank lines count": (source("code1", "print(0)" + "\n" * 40 + "print(1)"),
                          "41 lines with blank ones"),
    "directives count": (append("figure", "\n#" * 37), "41 lines with blank ones"),
    "refused word": (append("prose0", " A picture."), "it says 'picture'"),
    "refused comment": (source("code1", "print(1)  # a ruler"), "it says 'ruler'"),
    "long caption": (replace("figure", "A line.", "A line. " + "x" * 90),
                     "1 lines of code of more than 100 characters"),
    "wrapped at a directive": (replace("figure", "A line.", "A line\n#|   hide it."),
                               "goes on with 'hide'"),
    "long line": (source("code1", f"print('{'x' * 140}')"),
                  "1 lines of code of more than 100 characters"),
    "few cells": (lambda cells: [cells.pop(f"{kind}{i}") for kind in ("prose", "code")
                                 for i in range(6)], "13 cells"),
    "many cells": (lambda cells: cells.update({f"more{i}": md("More.") for i in range(60)}),
                   "85 cells"),
    "little prose": (lambda cells: [cells.update({f"prose{i}": md("Look.")}) for i in range(8)],
                     "words of prose for"),
    "few assertions": (source("tests", "assert double(2) == 4"), "1 assertions for 1 exported"),
    "assertions in the module": (
        lambda cells: (append("definition", "\nassert double(1) == 2")(cells),
                       source("tests", "assert double(2) == 4")(cells)),
        "1 assertions for 1 exported"),
    # parameters
    "no parameters": (change("parameters", metadata={}), "no cell of parameters"),
    "two cells of parameters": (change("code1", metadata={"tags": ["parameters"]}, source="x = 1"),
                                "a second cell of parameters"),
    "computed parameter": (append("parameters", "\nlast = epochs - 1"),
                           "'last = epochs - 1' is not a plain literal"),
    "no run": (replace("parameters", "run =", "folder ="), "no parameter 'run'"),
    "definition below the parameters": (
        lambda cells: cells.update(definition2=code(DEFINITION.replace("double", "twice")),
                                   tests2=code("assert 1\nassert 2")),
        "twice exported below"),
    # results
    "another topic": (replace("result", "01_lines", "02_lines"),
                      "the result is written as '02_lines'"),
    "no seeds": (replace("result", "seeds=[], ", ""), "does not say its seeds"),
    # documentation
    "no docstring": (replace("definition", '    "Twice x."\n', ""), "double has no docstring"),
    "no return type": (replace("definition", " -> int:", ":"), "no type for what it returns"),
    "no parameter type": (replace("definition", "x: int", "x"), "double: no type for x"),
    "no parameter comment": (replace("definition", "x: int, # any number", "x: int,"),
                             "double: no comment for x"),
    "two parameters, one comment": (replace("definition", "x: int,", "x: int, y: int = 0,"),
                                    "double: no comment for x"),
    "undocumented keyword": (replace("definition", ") ->", "    *, y: int = 0,\n) ->"),
                             "double: no comment for y"),
    "class without docstring": (source("definition", "#| export\nclass Line: pass"),
                                "Line has no docstring"),
    "undocumented method": (
        source("definition",
               '#| export\nclass Line:\n    "A line."\n    def at(self, x: int) -> int:\n        '
               '"y."\n        return x'),
        "Line.at: no comment for x"),
}

@pytest.mark.parametrize("fault", FAULTS)
def test_fault(book, fault):
    alter, expected = FAULTS[fault]
    cells = chapter()
    alter(cells)
    found = book(cells)
    assert any(expected in line for line in found), found
    # a fault may break a second rule, not all
    assert len({line for line in found if expected not in line}) <= 1, found
    assert all("Remedy: " in line for line in found)

def test_median(book):
    cells = chapter()
    for i in range(8):
        cells[f"code{i}"] = code("\n".join(["print()"] * 7))
        cells[f"prose{i}"] = md(PROSE * 2)
    for key in ("tests", "result", "figure", "parameters"):
        cells[key] = cells[key] | {"source": cells[key]["source"] + "\nprint()" * 8}
    cells["parameters"] = code(PARAMETERS, tags=["parameters"])
    assert any("the median code cell has 7 lines" in line for line in book(cells))

def test_module_lines(book, tmp_path):
    (tmp_path / "slr_tiny").mkdir()
    (tmp_path / "slr_tiny" / "lines.py").write_text("x = 1\n" * 401)
    assert any("slr_tiny/lines.py has 401 lines" in line for line in book(chapter()))

def test_comment_above_and_nested_brackets(book):
    cells = chapter()
    cells["definition"] = code('''#| export
def double(
    # any number; a comment above counts too
    x: int,
    pair: tuple[int, int] = (1, # first
                             2), # second
    **more, # ignored
) -> int: # twice as much
    "Twice x."
    return 2 * x''')
    assert book(cells) == []

@pytest.mark.parametrize("plan, expected", [
    ({"project": {"type": "website"}, "book": {"chapters": ["index.qmd", "01_lines.ipynb"]}},
     "not a book"),
    ({"project": {"type": "book"}, "book": {"chapters": ["index.qmd"]}},
     "listed 0 times in book.chapters"),
    ({"project": {"type": "book"},
      "book": {"chapters": ["index.qmd"], "appendices": ["01_lines.ipynb"]}},
     "it lists appendices"),
    ({"project": {"type": "book"},
      "book": {"chapters": ["index.qmd", "01_lines.ipynb",
                            {"part": "P", "chapters": ["02_x.ipynb"]}]}}, "does not exist"),
    ({"project": {"type": "book"},
      "book": {"chapters": ["index.qmd", "02_x.ipynb", "01_lines.ipynb"]}}, "out of order"),
    ({"project": {"type": "book"},
      "book": {"chapters": ["index.qmd", "01_lines.ipynb", "02a_lines.ipynb"]}},
     "two notebooks are called lines"),
    ({"project": {"type": "book"}, "book": {"chapters": ["index.qmd", "01_lines.ipynb"]},
      "format": {"html": {"number-sections": True}}}, "Quarto would number"),
    ({"project": {"type": "book"}, "book": {"chapters": ["index.qmd", "01_lines.ipynb"]},
      "format": {"html": {"theme": "cosmo"}}}, "fonts from another"),
    ({"project": {"type": "book"}, "bok": {},
      "book": {"chapters": ["index.qmd", "01_lines.ipynb"]}}, "unknown key 'bok'"),
])
def test_plan(book, plan, expected):
    assert any(expected in line for line in book(chapter(), plan))

def test_long_lines_that_may_be(book):
    "Addresses and parameters stay on one line"
    cells, much = chapter(), "x" * 140
    cells["parameters"] = code(f"{PARAMETERS}\nname = '{much}'", tags=["parameters"])
    cells["code1"] = code(f"print('https://example.org/{much}')")
    assert book(cells) == []

PICTURE = dict(output_type="display_data", data={"image/png": "iVBO"}, metadata={})

def executed(**outputs):
    cells = chapter()
    for key, output in outputs.items(): cells[key] = cells[key] | {"outputs": [output]}
    return cells

def test_executed(book):
    assert book(chapter(), executed=executed(figure=PICTURE)) == []

@pytest.mark.parametrize("copy, expected", [
    (executed(), "fig-line produced no image"),
    (executed(figure=PICTURE, code1=dict(output_type="error", ename="ValueError", evalue="no",
                                         traceback=[])), "failed with ValueError: no"),
    (executed(figure=PICTURE, code1=PICTURE), "an image without a label"),
    ({key: cell for key, cell in executed().items() if key != "figure"},
     "has no cell for fig-line"),
])
def test_executed_fault(book, copy, expected):
    assert any(expected in line for line in book(chapter(), executed=copy))

def test_executed_copy_missing(book, tmp_path):
    (tmp_path / "executed").mkdir()
    book(chapter())
    assert any("no executed copy" in str(p)
               for p in lint(tmp_path / "nbs", executed=tmp_path / "executed"))

def test_names_that_may_be(book, tmp_path):
    "Shown bodies, and private names where nbdev makes no links"
    cells = chapter()
    cells["definition"] = code(DEFINITION.replace("export", "exports"))
    cells["private"] = code(PRIVATE)
    append("prose", " `double()` undoes `_half`, and `math.pi` is `3.14`.")(cells)
    (tmp_path / "pyproject.toml").write_text('[tool.nbdev]\nskip_procs = "add_links"\n')
    assert book(cells) == []

def test_assembled(book, tmp_path):
    "What nbdev and Quarto read: `nbdev.yml` and every notebook with its outputs"
    book(chapter())
    site = tmp_path / "site"
    assert len(lint(tmp_path / "nbs", site=site)) == 3
    write(site, executed(figure=PICTURE))
    (site / "index.qmd").touch()
    assert ["nbdev.yml is missing" in str(p) for p in lint(tmp_path / "nbs", site=site)] == [True]
    (site / "nbdev.yml").touch()
    assert lint(tmp_path / "nbs", site=site) == []
    write(site, chapter())
    assert ["has no outputs" in str(p) for p in lint(tmp_path / "nbs", site=site)] == [True]
    (site / "index.qmd").unlink()
    assert any("index.qmd" in str(problem) for problem in lint(tmp_path / "nbs", site=site))

def test_command(book, tmp_path, capsys):
    cells = chapter()
    cells["code1"] = code("import math\nprint(math.pi)")
    book(cells)
    path = tmp_path / "nbs" / "01_lines.ipynb"
    assert main([str(path)]) == 1
    line, total = capsys.readouterr().out.splitlines()
    place = f"cell {list(cells).index('code1') + 1} (code1)"
    assert (
        line
        == f"nbs/01_lines.ipynb, {place}: imports are mixed with other code. Remedy: put the "
           "imports in a cell of their own."
    )
    assert total == "1 problem"
    write(path.parent, chapter())
    assert main([str(path)]) == 0 and capsys.readouterr().out == "ok\n"
    with pytest.raises(SystemExit): main([str(tmp_path / "absent.ipynb")])

def test_a_wrapped_caption_is_read_whole(book):
    cells = chapter()
    cells["figure"] = code(FIGURE.replace("A line.", "A line,\n#|   and nothing else."))
    assert book(cells) == []
