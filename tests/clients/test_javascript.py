"""JavaScript's official client, 1.4.0, in Node.js."""

import base64
import io
from typing import Any

import pytest
from PIL import Image
from tests.clients.conftest import Run
from tests.serving import Server

OCEAN = "43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79"


def _form(content: str) -> str | None:
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        return image.format


@pytest.mark.parametrize(
    ("reference", "value", "form"),
    [
        ("openai/gpt-image-1", "{openai_api_key: 'none', number_of_images: 2}", "WEBP"),
        ("openai/gpt-image-2", "{output_format: 'png'}", "PNG"),
        ("google/imagen-4-fast", "{aspect_ratio: '16:9'}", "JPEG"),
        (f"jigsawstack/image-generation:{OCEAN}", "{api_key: 'none'}", "PNG"),
        ("safelight/sketch", "{width: 256, height: 256}", "WEBP"),
    ],
)
def test_run_gives_files_with_an_address_and_bytes(
    js: Run, reference: str, value: str, form: str
) -> None:
    """From each model in the box."""
    told: Any = js(f"""
        const input = {{ prompt: "a", ...{value} }};
        const output = await replicate.run("{reference}", {{ input }});
        const files = Array.isArray(output) ? output : [output];
        tell(await Promise.all(files.map(async (f) => [f.url().href, `${{f}}`, await bytes(f)])));
    """)
    for address, text, content in told:
        assert address.startswith("https://127.0.0.1:")
        assert text == address
        assert _form(content) == form


def test_a_file_can_be_read_as_a_stream(js: Run) -> None:
    """Which is what it is; it can be read once."""
    told: Any = js("""
        const file = await replicate.run("google/imagen-4-fast", { input: { prompt: "a" } });
        const parts = [];
        for await (const part of file) parts.push(Buffer.from(part));
        const whole = Buffer.from(await (await fetch(file.url())).arrayBuffer());
        tell(whole.equals(Buffer.concat(parts)));
    """)
    assert told is True


def test_latest_cannot_be_run_for_the_client_leaves_out_whose(js: Run) -> None:
    """It sends that one word; the answer is the one for an unknown version."""
    told: Any = js("""
        try {
          await replicate.run("safelight/echo:latest", { input: { prompt: "a" } });
        } catch (error) { tell([error.response.status, error.message]); }
    """)
    assert told[0] == 422
    assert "Invalid version or not permitted" in told[1]


def test_run_waits_in_every_mode(js: Run) -> None:
    """Blocking, blocking for a second and then polling, polling."""
    told: Any = js("""
        const run = (prompt, wait) => replicate.run("safelight/echo", { input: { prompt }, wait });
        tell(await Promise.all([
          run("a"),
          run("b", { mode: "block" }),
          run("c [[delay: 1500ms]]", { mode: "block", timeout: 1, interval: 50 }),
          run("d [[delay: 100ms]]", { mode: "poll", interval: 50 }),
          run("e", { mode: "block", timeout: 3600 }),
        ]));
    """)
    assert told == ["a", "b", "c", "d", "e"]


def test_run_tells_of_its_progress(js: Run) -> None:
    """Each status that it sees, the last one twice."""
    told: Any = js("""
        const seen = [];
        const options = {
          input: { prompt: "a [[delay: 300ms]]" }, wait: { mode: "poll", interval: 50 }
        };
        await replicate.run("safelight/echo", options, ({ status }) => seen.push(status));
        tell([...new Set(seen)]);
    """)
    assert told[0] == "starting"
    assert told[-1] == "succeeded"


def test_a_failure_is_thrown_with_its_error(js: Run) -> None:
    """Within the wait, and found by polling."""
    told: Any = js("""
        const failed = async (wait) => {
          try {
            await replicate.run("safelight/echo", { input: { prompt: "[[fail: no luck]]" }, wait });
          } catch (error) { return error.message; }
        };
        tell([await failed({ mode: "block" }), await failed({ mode: "poll", interval: 50 })]);
    """)
    assert told == ["Prediction failed: no luck"] * 2


def test_a_refusal_is_thrown_with_the_whole_answer(js: Run) -> None:
    """Status and problem document."""
    told: Any = js("""
        const stranger = new Replicate({ baseUrl: replicate.baseUrl, auth: "r8_wrong" });
        tell([
          await refused(() => replicate.run("safelight/echo", { input: {} })),
          await refused(() => replicate.run("nope/nope", { input: {} })),
          await refused(() => replicate.predictions.get("nope")),
          await refused(() => stranger.models.list()),
        ]);
    """)
    assert [status for status, _ in told] == [422, 404, 404, 401]
    assert "failed with status 422 Unprocessable" in told[0][1]
    assert r'"detail":"- input: prompt is required\n"' in told[0][1]
    assert "The requested resource could not be found." in told[1][1]
    assert "Invalid or expired API token." in told[3][1]


def test_a_prediction_can_be_followed(js: Run) -> None:
    """Created by model and by version, waited for, got, listed."""
    told: Any = js(f"""
        const input = {{ prompt: "a", api_key: "none" }};
        const model = "jigsawstack/image-generation";
        const made = await replicate.predictions.create({{ model, input }});
        const ended = await replicate.wait(made, {{ interval: 50 }});
        const got = await replicate.predictions.get(made.id);
        const version = "{OCEAN}";
        const other = await replicate.predictions.create({{ version, input, wait: true }});
        const third = await replicate.predictions.create({{ model, input, wait: 30 }});
        const listed = (await replicate.predictions.list()).results.slice(0, 3);
        tell([made, ended, got, other, third, listed]);
    """)
    made, ended, got, other, third, listed = told
    assert made["status"] == "starting"
    assert ended["status"] == other["status"] == third["status"] == "succeeded"
    assert got == ended
    assert got["input"] == {"prompt": "a", "api_key": "[REDACTED]"}
    assert listed == [third, other, got]


def test_predictions_are_paginated(js: Run) -> None:
    """`next` is followed to the end, each prediction is seen once."""
    told: Any = js("""
        const create = () =>
          replicate.predictions.create({ model: "safelight/echo", input: { prompt: "a" } });
        for (let batch = 0; batch < 11; batch++)
          await Promise.all(Array.from({ length: 10 }, create));
        const pages = [];
        for await (const page of replicate.paginate(replicate.predictions.list)) pages.push(page);
        const ids = pages.flat().map((prediction) => prediction.id);
        tell([pages[0].length, pages.length > 1, ids.length === new Set(ids).size]);
    """)
    assert told == [100, True, True]


def test_a_prediction_can_be_canceled(js: Run) -> None:
    """By its id, and by an abort signal while `run` polls."""
    told: Any = js("""
        const input = { prompt: "[[timeout]]" };
        const made = await replicate.predictions.create({ model: "safelight/echo", input });
        const canceled = await replicate.predictions.cancel(made.id);
        const again = await replicate.predictions.cancel(made.id);
        const abort = new AbortController();
        const seen = [];
        const output = await replicate.run(
          "safelight/echo",
          { input, signal: abort.signal, wait: { mode: "poll", interval: 20 } },
          (prediction) => {
            seen.push(prediction.status);
            if (prediction.status === "processing") abort.abort();
          },
        );
        tell([canceled.status, again.status, output, seen.at(-1)]);
    """)
    assert told == ["canceled", "canceled", None, "canceled"]


def test_a_stream_gives_files_and_done(js: Run) -> None:
    """The address of the stream says that they are files."""
    told: Any = js("""
        const seen = [];
        const input = { prompt: "a", num_outputs: 2, width: 256, height: 256 };
        for await (const { event, data } of replicate.stream("safelight/sketch", { input }))
          seen.push([event, event === "output" ? await bytes(data) : data]);
        tell(seen);
    """)
    assert [event for event, _ in told] == ["output", "output", "done"]
    assert [_form(content) for _, content in told[:2]] == ["WEBP", "WEBP"]
    assert told[2][1] == "{}"


def test_a_stream_shows_pictures_before_they_are_finished(js: Run) -> None:
    """To who says so: the client sends on what it does not know."""
    told: Any = js("""
        const seen = [];
        const input = { prompt: "a", quality: "low" }, model = "openai/gpt-image-2";
        for (const stream of [true, false])
          for await (const { event, data } of replicate.stream(model, { input, stream }))
            seen.push([event, event === "output" ? await bytes(data) : data]);
        tell(seen);
    """)
    assert [event for event, _ in told] == [*["output"] * 3, "done", "output", "done"]
    assert [_form(content) for _, content in told[:3]] == ["WEBP"] * 3
    assert told[2][1] == told[4][1]


def test_a_stream_that_fails_throws(js: Run) -> None:
    """With the data of the error."""
    told: Any = js("""
        const input = { prompt: "[[fail: no luck]]" };
        try {
          for await (const _ of replicate.stream("safelight/sketch", { input }));
        } catch (error) { tell(error.message); }
    """)
    assert told == '{"detail":"no luck"}'


def test_models_hardware_and_the_account_can_be_read(js: Run) -> None:
    """As objects of the same form as Replicate's."""
    told: Any = js("""
        const model = await replicate.models.get("openai", "gpt-image-1");
        const versions = await replicate.models.versions.list("openai", "gpt-image-1");
        const version = await replicate.models.versions.get(
          "openai", "gpt-image-1", versions.results[0].id);
        tell([
          model, version, (await replicate.models.list()).results.length,
          await replicate.hardware.list(), await replicate.accounts.current(),
        ]);
    """)
    model, version, count, hardware, account = told
    assert model["latest_version"] == version
    assert count == 6
    assert {"name": "CPU", "sku": "cpu"} in hardware
    assert account["username"] == "safelight"


def test_an_output_can_be_an_input(js: Run) -> None:
    """A file's address, as URL and as text; URL objects become text in JSON."""
    told: Any = js("""
        const size = { width: 256, height: 256 };
        const small = { prompt: "a", ...size };
        const [first] = await replicate.run("safelight/sketch", { input: small });
        const input = { prompt: "b", input_images: [first.url(), `${first}`], ...size };
        const [second] = await replicate.run("safelight/sketch", { input });
        tell(await bytes(second));
    """)
    assert _form(told) == "WEBP"


def test_without_https_outputs_are_plain_urls(js: Run, server: Server) -> None:
    """The client knows no files but those of `https:` and `data:`."""
    told: Any = js(
        """
        tell(await replicate.run("google/imagen-4-fast", { input: { prompt: "a" } }));
        """,
        REPLICATE_BASE_URL=f"{server.http}/v1",
    )
    assert told.startswith(f"{server.http}/outputs/")


def test_the_clients_own_data_uri_option_is_refused_and_leaks_nothing(js: Run) -> None:
    """It is broken: it sends the client itself, its token included, in place of the input."""
    told: Any = js("""
        const other = new Replicate({
          baseUrl: process.env.REPLICATE_BASE_URL, fileEncodingStrategy: "data-uri",
        });
        try {
          await other.run("safelight/echo", { input: { prompt: "a" } });
        } catch (error) { tell(error.message); }
    """)
    assert "failed with status 422" in told
    assert "prompt is required" in told
    assert "r8_" not in told
