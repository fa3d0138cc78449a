"""What the official SDK alone costs: pictures asked for, decoded, and dropped.

    python -m bench.sdk_caller BASE_URL CALLS CONNECTIONS

Prints the CPU seconds of its process for each call, and its version.
"""

import asyncio
import base64
import json
import sys
import time

import openai


async def _ask(client: openai.AsyncOpenAI, calls: int) -> None:
    for _ in range(calls):
        answer = await client.images.generate(
            model="gpt-image-1",
            prompt="a lighthouse in a storm, seen from a small boat",
            output_format="png",
            quality="low",
            size="1024x1024",
        )
        for datum in answer.data or ():
            base64.b64decode(datum.b64_json or "")


async def _measure(base_url: str, calls: int, connections: int) -> float:
    async with openai.AsyncOpenAI(base_url=base_url, api_key="sk-made-up") as client:
        await asyncio.gather(*(_ask(client, 1) for _ in range(connections)))
        before = time.process_time()
        await asyncio.gather(*(_ask(client, calls // connections) for _ in range(connections)))
        return (time.process_time() - before) / (calls // connections * connections)


def main() -> None:
    base_url, calls, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    seconds = asyncio.run(_measure(base_url, calls, connections))
    print(json.dumps({"seconds": seconds, "version": openai.__version__}))


if __name__ == "__main__":
    main()
