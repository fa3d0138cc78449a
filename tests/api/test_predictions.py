"""Create, get, cancel; the prediction as Replicate shows it."""

import re
from datetime import datetime

import httpx
import pytest
from tests.api.calls import ECHO, SKETCH, Api, Running, problem

GPT_IMAGE_1 = {
    "aspect_ratio": "3:2",
    "background": "auto",
    "moderation": "auto",
    "number_of_images": 2,
    "openai_api_key": "[REDACTED]",
    "output_compression": 90,
    "output_format": "webp",
    "prompt": "<today's date>",
    "quality": "auto",
}
VERSIONS = [
    ("openai/gpt-image-1", "a6198aeaea27df5f3a9f11335cd61b2031729f9527cd34e6cdb4bb3ee9355b87"),
    ("openai/gpt-image-1", "919e1bf061bd37ecb46e7d467ac952029cb5a5a9d195823832f5a17ec69e57d4"),
    ("openai/gpt-image-2", "9ea921ca3eea597fe8773474545f54601fe1d30bc62517fb30fd86f42e4bb3cf"),
    (
        "jigsawstack/image-generation",
        "43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79",
    ),
]
KEYS = {"openai_api_key": "k", "api_key": "k", "prompt": "a"}
URL = r"https://safelight\.test/"


async def test_a_finished_prediction_has_the_form_of_replicates(api: Api) -> None:
    """Key by key that of openai/gpt-image-1's own example, and `test` for the mode."""
    shown = await api.run("openai/gpt-image-1", GPT_IMAGE_1)
    name = shown["id"]
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", name)
    assert shown["model"] == "openai/gpt-image-1"
    assert shown["version"] == "hidden"
    assert shown["input"] == GPT_IMAGE_1
    assert re.fullmatch(
        r"Generating image\.\.\.\nGenerated image in \d+\.\dsec\nGenerated 2 images\n"
        r"Input text token count: \d+\nInput image token count: 0\nOutput token count: \d+",
        shown["logs"],
    )
    assert len(shown["output"]) == 2
    for url in shown["output"]:
        assert re.fullmatch(rf"{URL}outputs/[a-z0-9]{{49}}/tmp[a-z0-9_]{{8}}\.webp", url)
    assert shown["data_removed"] is False
    assert shown["error"] is None
    assert shown["source"] == "api"
    assert shown["status"] == "succeeded"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown["created_at"])
    for key in ("started_at", "completed_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", shown[key])
    urls = shown["urls"]
    assert urls.keys() == {"cancel", "get", "stream", "web"}
    assert urls["get"] == f"https://safelight.test/v1/predictions/{name}"
    assert urls["cancel"] == f"{urls['get']}/cancel"
    assert re.fullmatch(rf"{URL}v1/files/bcwr-[a-z0-9]{{52}}", urls["stream"])
    assert urls["web"] == f"https://safelight.test/p/{name}"
    assert shown.keys() == {
        *("id", "model", "version", "input", "logs", "output", "data_removed", "error", "source"),
        *("status", "created_at", "started_at", "completed_at", "urls", "metrics", "test"),
    }


async def test_metrics_agree_with_the_times(api: Api) -> None:
    """As Replicate's do: total from the creation, predict from the start."""
    shown = await api.run("openai/gpt-image-1", GPT_IMAGE_1)
    created, started, completed = (
        datetime.fromisoformat(shown[key]) for key in ("created_at", "started_at", "completed_at")
    )
    metrics = shown["metrics"]
    assert metrics.keys() == {"image_count", "predict_time", "total_time"}
    assert metrics["image_count"] == 2
    assert metrics["total_time"] == pytest.approx((completed - created).total_seconds())
    assert metrics["predict_time"] == pytest.approx((completed - started).total_seconds())


async def test_a_fresh_prediction_leaves_out_what_it_does_not_have(api: Api) -> None:
    """Nulls where Replicate has them, and nowhere else."""
    shown = await api.echo()
    assert shown.keys() == {
        *("id", "model", "version", "input", "logs", "output", "data_removed", "error", "source"),
        *("status", "created_at", "urls", "test"),
    }
    assert shown["status"] == "starting"
    assert shown["logs"] == ""
    assert shown["output"] is None
    assert shown["error"] is None


async def test_a_create_says_where_the_prediction_is(api: Api) -> None:
    """201 with a Location that can be got, waited for or not."""
    for headers in ({}, {"prefer": "wait"}):
        answer = await api.create(ECHO, {"prompt": "a"}, **headers)
        assert answer.status_code == 201
        assert answer.headers["location"] == answer.json()["urls"]["get"]
        assert (await api.client.get(answer.headers["location"])).status_code == 200


async def test_a_satisfied_wait_gives_what_a_get_gives(api: Api) -> None:
    """Whole, with its timings: clients do not ask again."""
    shown = await api.run(ECHO, {"prompt": "hello"})
    assert shown["status"] == "succeeded"
    assert shown["output"] == "hello"
    assert shown["metrics"]["total_time"] >= shown["metrics"]["predict_time"]
    assert shown == await api.get(shown["id"])


async def test_an_unsatisfied_wait_says_starting(api: Api) -> None:
    """Though it runs: clients take anything else for the end."""
    answer = await api.create(ECHO, {"prompt": "[[timeout]]"}, prefer="wait=1")
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "wait=1"
    assert answer.json()["status"] == "starting"
    assert "started_at" not in answer.json()
    assert (await api.get(answer.json()["id"]))["status"] == "processing"


async def test_a_failure_within_the_wait_is_answered_as_such(api: Api) -> None:
    """With 201: the create itself went well."""
    answer = await api.create(ECHO, {"prompt": "[[fail: no luck]]"}, prefer="wait")
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["status"] == "failed"
    assert shown["error"] == "no luck"
    assert shown["output"] is None
    assert shown["metrics"]["predict_time"] >= 0


async def test_a_model_that_crashes_fails_with_its_own_message(api: Api) -> None:
    """The traceback is in the logs."""
    shown = await api.run(ECHO, {"prompt": "[[crash: index out of range]]"})
    assert shown["status"] == "failed"
    assert shown["error"] == "index out of range"
    assert "RuntimeError: index out of range" in shown["logs"]


async def test_the_list_shows_what_a_get_shows(api: Api) -> None:
    """All fields, also in a list."""
    shown = await api.run(ECHO, {"prompt": "a"})
    page = (await api.client.get("/v1/predictions")).json()
    assert page == {"next": None, "previous": None, "results": [shown]}


@pytest.mark.parametrize("path", ["/v1/predictions", "/v1/predictions/{}"])
async def test_reads_are_not_to_be_cached(api: Api, path: str) -> None:
    """Frameworks that patch `fetch` would show the first status for ever."""
    shown = await api.echo()
    answer = await api.client.get(path.format(shown["id"]))
    assert answer.headers["cache-control"] == "no-store"


async def test_every_spelling_of_a_reference_runs(api: Api) -> None:
    """By name, with a version, with `latest`, and by the bare version."""
    latest = (await api.client.get(f"/v1/models/{ECHO}/versions/latest")).json()["id"]
    for reference in (ECHO, f"{ECHO}:{latest}", f"{ECHO}:latest", latest):
        body = {"version": reference, "input": {"prompt": "a"}}
        shown = (await api.post("/v1/predictions", body, prefer="wait")).json()
        assert shown["status"] == "succeeded"
        assert shown["model"] == ECHO
        assert shown["version"] == latest


@pytest.mark.parametrize(("model", "version"), VERSIONS)
async def test_versions_known_from_replicate_run(api: Api, model: str, version: str) -> None:
    """A snippet copied from there runs here, though its version be an old one."""
    for reference in (version, f"{model}:{version}"):
        answer = await api.post("/v1/predictions", {"version": reference, "input": KEYS})
        assert answer.status_code == 201
        assert answer.json()["model"] == model
        is_official = model.startswith("openai/")
        assert answer.json()["version"] == ("hidden" if is_official else version)


@pytest.mark.parametrize(
    "reference",
    [
        "nope/nope",
        f"{ECHO}:{'0' * 64}",
        "0" * 64,
        f"{ECHO}:hidden",
        "hidden",
        "echo",
        "",
        f"{ECHO}:",
        "a/b/c",
        "a" * 100_000,
    ],
)
async def test_an_unknown_version_is_refused(api: Api, reference: str) -> None:
    """In Replicate's words."""
    body = {"version": reference, "input": {"prompt": "a"}}
    document = problem(await api.post("/v1/predictions", body), 422)
    assert document["title"] == "Invalid version or not permitted"
    assert document["detail"] == (
        "The specified version does not exist (or perhaps you don't have permission to use it?)"
    )


@pytest.mark.parametrize("model", ["nope/nope", "safelight/nope", f"{ECHO}:latest"])
async def test_an_unknown_model_is_not_found(api: Api, model: str) -> None:
    """On the models route it is the path that is wrong."""
    document = problem(await api.create(model, {"prompt": "a"}), 404)
    assert document["detail"] == "The requested resource could not be found."


@pytest.mark.parametrize("name", ["nope", "0" * 26, "%00", "a" * 5000, "..", "%F0%9F%90%88"])
async def test_an_unknown_prediction_is_not_found(api: Api, name: str) -> None:
    """To get, and to cancel."""
    problem(await api.client.get(f"/v1/predictions/{name}"), 404)
    problem(await api.client.post(f"/v1/predictions/{name}/cancel"), 404)


async def test_a_waiting_prediction_is_canceled_at_once(running: Running) -> None:
    """It never starts."""
    async with running(SAFELIGHT_MAX_RUNNING="0") as api:
        shown = await api.echo()
        answer = await api.client.post(shown["urls"]["cancel"])
        assert answer.status_code == 200
        assert answer.json()["status"] == "canceled"
        assert answer.json()["completed_at"]
        assert answer.json()["metrics"]["predict_time"] == 0
        assert "started_at" not in answer.json()


async def test_a_running_prediction_is_canceled_at_once(api: Api) -> None:
    """What it had to show is gone, its times are not."""
    shown = await api.echo("[[timeout]]")
    await api.until(shown["id"], "processing")
    canceled = (await api.client.post(shown["urls"]["cancel"])).json()
    assert canceled["status"] == "canceled"
    assert canceled["output"] is None
    assert canceled["error"] is None
    assert canceled["metrics"]["predict_time"] > 0
    assert await api.get(shown["id"]) == canceled


@pytest.mark.parametrize("prompt", ["a", "[[fail: no]]"])
async def test_an_ended_prediction_stays_as_it_is(api: Api, prompt: str) -> None:
    """A cancel that comes too late is no error."""
    shown = await api.run(ECHO, {"prompt": prompt})
    answer = await api.client.post(shown["urls"]["cancel"])
    assert answer.status_code == 200
    assert answer.json() == shown


async def test_a_second_cancel_changes_nothing(api: Api) -> None:
    """Both are answered alike."""
    shown = await api.echo("[[timeout]]")
    first = await api.client.post(shown["urls"]["cancel"])
    second = await api.client.post(shown["urls"]["cancel"])
    assert first.json() == second.json()


async def test_a_cancel_with_an_empty_json_body_is_a_cancel(api: Api) -> None:
    """JavaScript's client says JSON and sends none."""
    shown = await api.echo("[[timeout]]")
    headers = {"content-type": "application/json", "content-length": "0"}
    answer = await api.client.post(shown["urls"]["cancel"], headers=headers)
    assert answer.json()["status"] == "canceled"


async def test_a_wait_ends_with_the_cancel(api: Api) -> None:
    """The one who waits is told by the same answer."""
    waiting = await api.create(ECHO, {"prompt": "[[timeout]]"})
    shown = waiting.json()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api.engine.app), base_url="https://safelight.test"
    ) as other:
        stream = other.get(shown["urls"]["stream"])
        await api.client.post(shown["urls"]["cancel"])
        assert '{"reason":"canceled"}' in (await stream).text


async def test_unknown_inputs_are_dropped(api: Api) -> None:
    """Some clients send the same words to every model."""
    shown = await api.run(ECHO, {"prompt": "a", "seed": 7, "size": "1x1", "auth": "secret-token"})
    assert shown["input"] == {"prompt": "a"}


async def test_null_for_an_optional_input_is_leaving_it_out(api: Api) -> None:
    """Though Replicate refuses it."""
    value = {"prompt": "a", "seed": None, "input_images": None, "width": None}
    answer = await api.create(SKETCH, value)
    assert answer.json()["input"] == {"prompt": "a"}


async def test_an_integral_float_is_an_integer(api: Api) -> None:
    """Numbers pass through languages that have only one kind."""
    answer = await api.create(SKETCH, {"prompt": "a", "seed": 5.0})
    assert answer.json()["input"]["seed"] == 5


async def test_a_webhook_is_shown_as_it_was_given(api: Api) -> None:
    """With its filter."""
    body = {
        "version": ECHO,
        "input": {"prompt": "a"},
        "webhook": "https://hooks.test/hook?id=1",
        "webhook_events_filter": ["completed", "start"],
        "stream": True,
    }
    shown = (await api.post("/v1/predictions", body)).json()
    assert shown["webhook"] == "https://hooks.test/hook?id=1"
    assert shown["webhook_events_filter"] == ["completed", "start"]


async def test_prompts_come_back_as_they_were(api: Api) -> None:
    """Every character that JSON can carry, NUL too."""
    for prompt in (
        "",
        " ",
        "\0",
        "a\0b",
        "\u2028\r\n\t",
        "🐈‍⬛",
        "\U0010ffff",
        "\ufeff",
        "${x} {y} %s",
        "'; --",
    ):
        shown = await api.run(ECHO, {"prompt": prompt})
        assert shown["status"] == "succeeded"
        assert shown["input"]["prompt"] == shown["output"] == prompt
        assert await api.get(shown["id"]) == shown
