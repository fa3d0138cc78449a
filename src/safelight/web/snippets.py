"""Code that makes a prediction, in the words of Replicate's own pages."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from safelight.web.notation import JAVASCRIPT, PYTHON, Variable, shell, text

Json = dict[str, Any]
REPLICATE: Final = "https://api.replicate.com/v1"
HOOK: Final = "https://example.com/webhooks/replicate"
_WRITES: Final = 'import { writeFile } from "node:fs/promises";'
_SUFFIXES: Final = ("webp", "png", "jpg", "jpeg", "svg", "gif")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is run, with what, and where."""

    model: str
    """`owner/name`."""
    version: str | None
    """Of a community model; None for one that is called by its name."""
    input: Json
    """A secret is a `Variable`."""
    brief: Json
    """As little input as it takes."""
    gives: str
    """`file`, `files`, or `other`."""
    suffix: str
    """Of the file that the code writes."""
    is_here: bool
    """Whether it is for this server, which `safelight env` names, or for Replicate."""
    is_test: bool

    @property
    def reference(self) -> str:
        """What a client is given."""
        return self.model if self.version is None else f"{self.model}:{self.version}"

    @property
    def file(self) -> str:
        """The name of the file that the code writes."""
        return f"my-image.{self.suffix if self.suffix in _SUFFIXES else 'png'}"

    @property
    def variables(self) -> list[str]:
        """What the environment has to hold besides."""
        return [one.name for one in self.input.values() if isinstance(one, Variable)]

    @property
    def item(self) -> str:
        """The first, or only, file of the output."""
        return "output[0]" if self.gives == "files" else "output"


def snippets(subject: Subject) -> dict[str, str]:
    """The code by its language, `node`, `python`, `http`; `node-setup` is what goes before."""
    code = {name: write(subject) for name, write in LANGUAGES.items()}
    return code | {f"{name}-setup": setup(subject, name) for name in LANGUAGES}


def setup(subject: Subject, language: str) -> str:
    """What a shell is told before the code runs."""
    install = {"node": "npm install replicate\n", "python": "pip install replicate\n"}
    test = " --test" if subject.is_test else ""
    here = f'eval "$(safelight env{test})"\n'
    there = "export REPLICATE_API_TOKEN=<paste-your-token-here>\n"
    said = " # test mode takes any text" if subject.is_test and subject.is_here else ""
    keys = "".join(f"export {name}='your key'{said}\n" for name in subject.variables)
    return install.get(language, "") + (here if subject.is_here else there) + keys


def node(subject: Subject) -> str:
    """For the official JavaScript client, as a module."""
    reference = text(subject.reference)
    shown = JAVASCRIPT.literal(subject.input)
    call = (
        f"const input = {shown};\n\nconst output = await replicate.run({reference}, {{ input }});"
    )
    if subject.version is not None:
        inner = JAVASCRIPT.literal(subject.input, 2)
        given = f"{{\n    input: {inner}\n  }}"
        call = f"const output = await replicate.run(\n  {reference},\n  {given}\n);"
    if subject.gives == "other":
        return f"{_client(subject)}\n{call}\n\nconsole.log(output);\n"
    return (
        f"{_client(subject, _WRITES)}\n{call}\n\n"
        f"// To access the file URL:\nconsole.log(String({subject.item}.url()));\n\n"
        f'// To write the file to disk:\nawait writeFile("{subject.file}", {subject.item});\n'
    )


def python(subject: Subject) -> str:
    """For the official Python client."""
    shown = PYTHON.literal(subject.input, 1)
    call = f"output = replicate.run(\n    {text(subject.reference)},\n    input={shown}\n)\n"
    if subject.gives == "other":
        return f"{_imports(subject)}\n{call}\nprint(output)\n"
    return (
        f"{_imports(subject)}\n{call}\n"
        f"# To access the file URL:\nprint({subject.item}.url)\n\n"
        f'# To write the file to disk:\nwith open("{subject.file}", "wb") as file:\n'
        f"    file.write({subject.item}.read())\n"
    )


def http(subject: Subject) -> str:
    """For curl in a shell."""
    return _post(subject, {"input": subject.input}, waits=True)


LANGUAGES: Final[Mapping[str, Callable[[Subject], str]]] = {
    "node": node,
    "python": python,
    "http": http,
}


def follow(subject: Subject, language: str) -> str:
    """Create, wait, read: for what takes longer than a request."""
    if language == "node":
        return (
            f"{_client(subject)}\n{_created_in_node(subject, {})}\n"
            "console.log(prediction.id, prediction.status);\n\n"
            "prediction = await replicate.wait(prediction);\n"
            "console.log(prediction.status, prediction.output);\n"
        )
    if language == "python":
        return (
            f"{_imports(subject)}\n{_created_in_python(subject, {})}\n"
            "print(prediction.id, prediction.status)\n\n"
            "prediction.wait()\nprint(prediction.status, prediction.output)\n"
        )
    return (
        _post(subject, {"input": subject.brief})
        + "\n# With the id of the answer:\n"
        + _ask(subject, "GET", "/predictions/$PREDICTION_ID")
    )


def cancel(subject: Subject, language: str) -> str:
    """End a run."""
    if language == "node":
        return "await replicate.predictions.cancel(prediction.id);\n"
    if language == "python":
        return "prediction.cancel()\n"
    return _ask(subject, "POST", "/predictions/$PREDICTION_ID/cancel")


def webhook(subject: Subject, language: str) -> str:
    """Have the server call when the run is over."""
    told = {"webhook": HOOK, "webhook_events_filter": ["completed"]}
    if language == "node":
        return f"{_client(subject)}\n{_created_in_node(subject, told)}"
    if language == "python":
        return f"{_imports(subject)}\n{_created_in_python(subject, told)}"
    return _post(subject, {"input": subject.brief, **told})


def _client(subject: Subject, *imports: str) -> str:
    given = ["auth: process.env.REPLICATE_API_TOKEN"]
    if subject.is_here:  # the client has no variable of its own for that
        given.append("baseUrl: process.env.REPLICATE_BASE_URL")
    options = "".join(f"  {one},\n" for one in given)
    head = "\n".join(['import Replicate from "replicate";', *imports])
    return f"{head}\n\nconst replicate = new Replicate({{\n{options}}});\n"


def _imports(subject: Subject) -> str:
    return ("import os\n\n" if subject.variables else "") + "import replicate\n"


def _created_in_node(subject: Subject, told: Json) -> str:
    body = _what(subject) | {"input": subject.brief} | told
    made = JAVASCRIPT.literal(body)
    return f"let prediction = await replicate.predictions.create({made});\n"


def _created_in_python(subject: Subject, told: Json) -> str:
    body = _what(subject) | {"input": subject.brief} | told
    lines = "".join(f"    {name}={PYTHON.literal(value, 1)},\n" for name, value in body.items())
    return f"prediction = replicate.predictions.create(\n{lines})\n"


def _what(subject: Subject) -> Json:
    return {"model": subject.model} if subject.version is None else {"version": subject.version}


def _post(subject: Subject, body: Json, *, waits: bool = False) -> str:
    path = f"/models/{subject.model}/predictions"
    if subject.version is not None:
        path, body = "/predictions", {"version": subject.reference, **body}
    lines = [
        "curl -s -X POST",
        _AUTHORIZATION,
        '-H "Content-Type: application/json"',
        *(['-H "Prefer: wait"'] if waits else []),
        f"-d {shell(body)}",
        _address(subject, path),
    ]
    return " \\\n  ".join(lines) + "\n"


def _ask(subject: Subject, method: str, path: str) -> str:
    how = "" if method == "GET" else f" -X {method}"
    return f"curl -s{how} {_AUTHORIZATION} \\\n  {_address(subject, path)}\n"


def _address(subject: Subject, path: str) -> str:
    return f'"{"$REPLICATE_BASE_URL" if subject.is_here else REPLICATE}{path}"'


_AUTHORIZATION: Final = '-H "Authorization: Bearer $REPLICATE_API_TOKEN"'
