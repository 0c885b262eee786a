"""man.py DIRECTORY [PROGRAM]: writes manual pages. With a program built with swift-argument-parser, one page for it and
one for each of its commands, from the description that it prints itself. Without, larkimg-errors(7), from the guide.
The date is SOURCE_DATE_EPOCH, else today."""

import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import time

GUIDE = pathlib.Path(__file__).parent.parent / "Sources/larkimg/larkimg.docc/Errors.md"
DATE = time.strftime("%B %-d, %Y", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
# A heading in capitals, and indented lines, which keep their line breaks.
SECTION = re.compile(r"^([A-Z][A-Z ]+)\n((?:  .*(?:\n|$))+)", re.MULTILINE)


def escaped(text):
    """Text that roff does not read as requests."""
    for character, escape in {"\\": r"\e", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}.items():
        text = text.replace(character, escape)
    text = re.sub(r"(?<![a-zA-Z0-9])-|-(?=-)", r"\\-", text)
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def words(text):
    """Arguments of a macro: none may be the name of a macro, or a delimiter."""
    return " ".join(re.sub(r"^(?=[A-Z%]\w{1,2}$|\W$)", r"\\&", word) for word in escaped(text).split())


def prose(text):
    """Sentences that begin on a line of their own, as mdoc(7) asks for; escaped, with Markdown's code in bold."""
    lines = []
    for sentence in re.split(r"(?<=[\w)`'][.?!]) +(?=[A-Z`])", " ".join(text.split())):
        sentence = re.sub(r"\\\(ga(.+?)\\\(ga", r"\\fB\1\\fP", escaped(sentence))
        wrapped = textwrap.wrap(sentence, 72, break_long_words=False, break_on_hyphens=False)
        # A line that begins with a period would be a request.
        lines += [re.sub(r"^(?=\.)", r"\\&", line) for line in wrapped]
    return lines


def literal(text):
    return [".Bd -literal -offset 2n", *escaped(text.rstrip("\n")).replace(" -", r" \-").split("\n"), ".Ed"]


def flag(name):
    return f"Fl {'Fl ' if name['kind'] == 'long' else ''}{name['name']}"


def value(argument):
    # "cert> <key" are two values.
    name = " ".join(words(part) for part in argument.get("valueName", "").split("> <"))
    return f"Ar {name}{' ...' if argument['isRepeating'] and argument['kind'] == 'positional' else ''}"


def usage(argument):
    text = value(argument) if argument["kind"] == "positional" else flag(argument["preferredName"])
    if argument["kind"] == "option":
        text += f" {value(argument)}"
    if argument["parsingStrategy"] == "postTerminator":
        text = f"Fl \\&- {text}"
    return f".Op {text}" if argument["isOptional"] or argument["kind"] == "flag" else f".{text}"


def is_common(argument):
    """Whether every command has it."""
    return argument.get("preferredName", {}).get("name") in ("help", "version")


def item(argument):
    names = sorted(argument.get("names", []), key=lambda name: name["kind"] == "long")
    tag = " , ".join(flag(name) for name in names)
    if argument["kind"] != "flag":
        tag = f"{tag} {value(argument)}".strip()
    text = argument.get("abstract", "")
    if "defaultValue" in argument:
        text += f" (default: {argument['defaultValue']})"
    if "allValues" in argument:
        text += f" (values: {', '.join(argument['allValues'])})"
    return [f".It {tag}", *prose(text)]


def head(page, section, description):
    title = [f".Dd {DATE}", f".Dt {page.upper()} {section}", ".Os"]
    return [*title, ".Sh NAME", f".Nm {page}", f".Nd {words(description)}"]


def references(pages):
    links = [f".Xr {page} {section}" for page, section in sorted(pages, key=lambda page: page[::-1])]
    return [".Sh SEE ALSO", *" ,\n".join(links).split("\n")]


def first_sentence(text):
    first = re.split(r"(?<=[.?!]) ", text)[0].strip().rstrip(".")
    return first[:1].lower() + first[1:]


def page(command, parents, errors):
    """The page of a command: its lines."""
    names = [*parents, command["commandName"]]
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    arguments.sort(key=lambda argument: argument["parsingStrategy"] == "postTerminator")
    commands = [sub for sub in command.get("subcommands", []) if sub["shouldDisplay"] and sub["commandName"] != "help"]
    discussion = command.get("discussion", "")
    sections = {title: text for title, text in SECTION.findall(discussion)}

    lines = head("-".join(names), 1, first_sentence(command["abstract"]))
    lines += [".Sh SYNOPSIS", f".Nm {' '.join(names)}"]
    lines += [usage(argument) for argument in arguments if not is_common(argument)]
    if commands:
        lines += [".Ar command ..."]
    paragraphs = [command["abstract"], *SECTION.sub("", discussion).split("\n\n")]
    lines += [".Sh DESCRIPTION", *sum(([".Pp", *prose(text)] for text in paragraphs if text.strip()), [])[1:]]
    if commands:
        lines += [".Pp", "The commands:", ".Bl -tag -width Ds"]
        for sub in commands:
            lines += [f".It Xr {'-'.join([*names, sub['commandName']])} 1", *prose(sub["abstract"])]
        lines += [".El"]
    title = "The options:" if all(map(is_common, arguments)) else "The options and arguments:"
    lines += [".Pp", title, ".Bl -tag -width Ds"]
    lines += [*sum(map(item, arguments), []), ".El"]

    status = sections.pop("EXIT STATUS", None)
    example = sections.pop("EXAMPLE", None)
    for title, text in sections.items():
        lines += [f".Sh {title}", *literal(text)]
    if status:
        lines += [".Sh EXIT STATUS", *literal(status)]
    if example:
        lines += [".Sh EXAMPLES", *literal(example)]
    related = ["-".join(parents)] if parents else []
    related += ["-".join([*names, sub["commandName"]]) for sub in commands]
    related = [(name, 1) for name in related] + ([(errors, 7)] if errors else [])
    if related:
        lines += references(related)
    yield "-".join(names) + ".1", lines
    for sub in commands:
        yield from page(sub, names, errors)


def cells(row):
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def sentence(text):
    # A name such as app_id keeps its case.
    return re.sub(r"^[a-z](?=[a-z]*\b(?!_))", lambda match: match[0].upper(), text) + "."


def table(rows):
    """A list: the first cell is the tag; the others follow, from the third on with the heading of their column."""
    header, lines = cells(rows[0]), [".Bl -tag -width Ds"]
    for row in rows[2:]:
        tag, meaning, *rest = cells(row)
        lines += [f".It {words(tag.replace('`', ''))}", *prose(sentence(meaning))]
        for title, cell in zip(header[2:], rest):
            lines += prose(sentence(f"{title}: {cell}"))
    return [*lines, ".El"]


def guide(text):
    """larkimg-errors(7): the guide's blocks, which blank lines separate."""
    _, abstract, *blocks = re.findall(r"^```(?s:.*?)^```$|(?:^.+\n?)+", text, re.MULTILINE)
    lines = head("larkimg-errors", 7, first_sentence(abstract))
    for block in blocks:
        if block.startswith("```"):
            lines += literal(block.split("\n", 1)[1].rsplit("```", 1)[0])
        elif block.startswith("## "):
            lines += [".Sh DESCRIPTION"]
        elif block.startswith("### "):
            lines += [f".Sh {words(block[4:].upper().replace('STATUSES', 'STATUS'))}"]
        elif block.startswith("|"):
            lines += table(block.strip().split("\n"))
        else:
            lines += [".Pp", *prose(block)]
    lines = [line for line, before in zip(lines, ["", *lines]) if line != ".Pp" or not before.startswith(".Sh")]
    return [*lines, *references([("larkimg", 1)])]


def main(directory, program=None):
    if program is None:
        pages = [("larkimg-errors.7", guide(GUIDE.read_text()))]
    else:
        run = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True)
        command = json.loads(run.stdout)["command"]
        pages = page(command, [], "larkimg-errors" if command["commandName"] == "larkimg" else None)
    pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
    for name, lines in pages:
        pathlib.Path(directory, name).write_text("\n".join(lines) + "\n")


main(*sys.argv[1:])
