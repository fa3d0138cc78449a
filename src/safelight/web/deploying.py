"""Code that runs a deployment, for the official clients and for curl."""

import json
from pprint import pformat
from typing import Any

Json = dict[str, Any]


def code_for(deployment: Json, given: Json) -> dict[str, str]:
    """The code by the name of its language; it makes a prediction of *given*, and waits for it."""
    owner, name = deployment["owner"], deployment["name"]
    return {
        "Node.js": _node(owner, name, given),
        "Python": _python(owner, name, given),
        "HTTP": _http(owner, name, given),
    }


def _node(owner: str, name: str, given: Json) -> str:
    shown = json.dumps(given, indent=2, ensure_ascii=False)
    return (
        'import Replicate from "replicate";\n\n'
        "const replicate = new Replicate({\n"
        "  auth: process.env.REPLICATE_API_TOKEN,\n"
        "  baseUrl: process.env.REPLICATE_BASE_URL,\n"
        "});\n\n"
        f"const input = {shown};\n\n"
        "let prediction = await replicate.deployments.predictions.create(\n"
        f'  "{owner}",\n  "{name}",\n  {{ input }}\n);\n'
        "prediction = await replicate.wait(prediction);\n"
        "console.log(prediction.output);\n"
    )


def _python(owner: str, name: str, given: Json) -> str:
    shown = pformat(given, width=88, sort_dicts=False)
    return (
        "import replicate\n\n"
        f'deployment = replicate.deployments.get("{owner}/{name}")\n'
        f"prediction = deployment.predictions.create(\n    input={_indented(shown)}\n)\n"
        "prediction.wait()\n"
        "print(prediction.output)\n"
    )


def _http(owner: str, name: str, given: Json) -> str:
    text = json.dumps({"input": given}, indent=2, ensure_ascii=False)
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    lines = [
        "curl -s -X POST",
        '-H "Authorization: Bearer $REPLICATE_API_TOKEN"',
        '-H "Content-Type: application/json"',
        '-H "Prefer: wait"',
        f"-d $'{quoted}'",
        f'"$REPLICATE_BASE_URL/deployments/{owner}/{name}/predictions"',
    ]
    return " \\\n  ".join(lines) + "\n"


def _indented(text: str) -> str:
    """Later lines of a literal under its first one."""
    return text.replace("\n", "\n" + " " * len("    input="))
