"""JavaScript's official client, 1.4.0: webhooks, from its own create to its own check of them."""

import json
from typing import Any

from tests.clients.conftest import Run
from tests.clients.receiving import receiving

# A receiver in the same program, as an application has one.
LISTEN = """
import { createServer } from "node:http";
import { validateWebhook, parseProgressFromLogs } from "replicate";
const secret = (await replicate.webhooks.default.secret.get()).key;
const received = await new Promise((resolve) => {
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    response.end();
    server.close();
    resolve({ headers: request.headers, body: Buffer.concat(parts).toString() });
  });
  server.listen(0, "127.0.0.1", async () => {
    const webhook = `http://127.0.0.1:${server.address().port}/hook`;
    const options = { input: { prompt: "a ü" }, webhook, webhook_events_filter: ["completed"] };
    await replicate.run("safelight/echo", options);
  });
});
"""


def test_the_signature_is_valid_in_every_form(js: Run) -> None:
    """As a request, as its parts, as a `Request`, with a body that was parsed."""
    told: Any = js(
        LISTEN
        + """
        const { headers, body } = received;
        const id = headers["webhook-id"], timestamp = headers["webhook-timestamp"];
        const signature = headers["webhook-signature"];
        const request = new Request("http://localhost/", { method: "POST", headers, body });
        tell([
          await validateWebhook(received, secret),
          await validateWebhook({ id, timestamp, signature, body, secret }),
          await validateWebhook(request, secret),
          await validateWebhook({ headers, body: JSON.parse(body) }, secret),
          await validateWebhook({ headers, body: Buffer.from(body) }, secret),
        ]);
    """
    )
    assert told == [True] * 5


def test_a_changed_webhook_is_found_out(js: Run) -> None:
    """Its body, its time, its id, its secret."""
    told: Any = js(
        LISTEN
        + """
        const { headers, body } = received;
        const check = (change, text = body, key = secret) =>
          validateWebhook({ headers: { ...headers, ...change }, body: text }, key);
        tell([
          await check({}, body + " "),
          await check({ "webhook-timestamp": "1" }),
          await check({ "webhook-id": "msg_other" }),
          await check({}, body, "whsec_" + Buffer.from("another").toString("base64")),
        ]);
    """
    )
    assert told == [False] * 4


def test_run_stream_and_create_send_webhooks(js: Run) -> None:
    """Each of them passes the parameters on."""
    with receiving() as receiver:
        js(f"""
            const input = {{ prompt: "a" }}, webhook = "{receiver.url}";
            const options = {{ input, webhook, webhook_events_filter: ["completed"] }};
            await replicate.run("safelight/echo", options);
            for await (const _ of replicate.stream("safelight/echo", options));
            await replicate.predictions.create({{ model: "safelight/echo", ...options }});
            tell(true);
        """)
        bodies = [json.loads(received.body) for received in receiver.wait_for(3)]
    assert [body["status"] for body in bodies] == ["succeeded"] * 3
    assert len({body["id"] for body in bodies}) == 3


def test_an_address_that_is_none_is_refused_by_the_client(js: Run) -> None:
    """Before anything is sent."""
    told: Any = js("""
        const options = { input: { prompt: "a" }, webhook: "nope" };
        tell((await refused(() => replicate.run("safelight/echo", options)))[1]);
    """)
    assert told == "Invalid webhook URL"
