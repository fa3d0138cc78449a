"""What clients cannot do by their own fault, whatever the server answers."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong in a client."""

    client: str
    what: str
    instead: str
    test: str
    """The one that shows it, as file and name."""


PYTHON: Final = "Python 1.0.7"
PYTHON_2: Final = "Python 2.0.0b4"
JAVASCRIPT: Final = "JavaScript 1.4.0"
MCP: Final = "MCP server 0.9.0"
VERCEL: Final = "@ai-sdk/replicate 3.0.46"

KNOWN_FAULTS: Final = (
    Fault(
        PYTHON,
        "`predictions.create(model=..., wait=...)` drops the wait.",
        "Use `models.predictions.create`, or a version.",
        "test_faults.py::test_python_drops_a_wait",
    ),
    Fault(
        PYTHON,
        "`str()` of a stream's event raises TypeError when the event is a file.",
        "Use `event.data`.",
        "test_faults.py::test_python_cannot_print_a_file_event",
    ),
    Fault(
        PYTHON,
        "A prediction with the status `aborted` cannot be read.",
        "It is shown as `canceled` unless SAFELIGHT_SHOW_ABORTED is set.",
        "test_faults.py::test_python_cannot_read_aborted",
    ),
    Fault(
        PYTHON,
        "`versions.delete` answers False though the version is deleted: it expects 204, not 202.",
        "Read the version to see whether it is gone.",
        "test_python_trainings.py::test_a_training_leaves_a_version_that_can_be_run",
    ),
    Fault(
        PYTHON,
        "`Model.reload` leaves the model's version and example as dictionaries.",
        "Get the model again.",
        "test_faults.py::test_python_reloads_a_version_as_a_dictionary",
    ),
    Fault(
        PYTHON,
        "`Webhooks.validate(request, secret)` takes the secret for the headers.",
        "Name the arguments: `Webhooks.validate(request=..., secret=...)`.",
        "test_faults.py::test_python_takes_a_secret_for_headers",
    ),
    Fault(
        PYTHON,
        "Outputs that are not at an `https:` address stay strings.",
        "Use the HTTPS port, as `safelight env` does.",
        "test_python.py::test_without_https_outputs_are_plain_urls",
    ),
    Fault(
        PYTHON,
        "Errors do not have `invalid_fields`.",
        "The detail has all of them.",
        "test_python.py::test_a_refusal_raises_a_replicate_error_that_says_all",
    ),
    Fault(
        PYTHON,
        "A file that `run` gave (`FileOutput`) raises TypeError as an input of the next run.",
        "Pass its address: `output.url`.",
        "test_faults.py::test_python_cannot_pass_an_output_on",
    ),
    Fault(
        PYTHON_2,
        "`run` refuses a bare version id before anything is sent.",
        "Write `owner/name:version`.",
        "test_faults.py::test_python_2_refuses_a_bare_version",
    ),
    Fault(
        PYTHON_2,
        "`client.use(...)` cannot be called; only `replicate.use(...)` can.",
        "Use the module's function.",
        "test_faults.py::test_python_2_cannot_use_a_model_through_a_client",
    ),
    Fault(
        PYTHON_2,
        "Files that are inputs are uploaded as `upload`, without their name and type.",
        "The bytes tell what they are.",
        "test_python_2_files.py::test_open_files_are_uploaded_and_used_as_inputs",
    ),
    Fault(
        PYTHON_2,
        "Numbers in the metadata of a file are sent as text.",
        "Send text.",
        "test_scenarios_clients.py::test_scenario_10_metadata_comes_in_brackets_from_python_2",
    ),
    Fault(
        PYTHON_2,
        "A file that `run` gave (`FileOutput`) raises TypeError as an input of the next run.",
        "Pass its address: `output.url`.",
        "test_faults.py::test_python_2_cannot_pass_an_output_on",
    ),
    Fault(
        JAVASCRIPT,
        "`owner/name:latest` is sent as `latest`.",
        "Leave the version out.",
        "test_javascript.py::test_latest_cannot_be_run_for_the_client_leaves_out_whose",
    ),
    Fault(
        JAVASCRIPT,
        "`fileEncodingStrategy: 'data-uri'` sends the client, with its token, as the input.",
        "Leave the option out.",
        "test_javascript.py::test_the_clients_own_data_uri_option_is_refused_and_leaks_nothing",
    ),
    Fault(
        JAVASCRIPT,
        "Outputs that are not at an `https:` address stay strings.",
        "Use the HTTPS port, as `safelight env` does.",
        "test_javascript.py::test_without_https_outputs_are_plain_urls",
    ),
    Fault(
        JAVASCRIPT,
        "A file that `run` gave (`FileOutput`) is sent as an object when it is an input.",
        "Pass its address: `output.url()`.",
        "test_faults.py::test_javascript_cannot_pass_an_output_on",
    ),
    Fault(
        MCP,
        "Twelve of its tools send their request and tell nothing of the answer.",
        "`list_models` tells what `get_models` and `search_models` do not.",
        "test_mcp.py::test_models_are_read",
    ),
    Fault(
        VERCEL,
        "A picture that is given is sent as `image`, which not every model knows.",
        "Name the model's own input in `providerOptions.replicate`.",
        "test_vercel.py::test_a_picture_can_be_given",
    ),
)
