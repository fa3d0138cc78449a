"""Python's next official client, a pre-release of 2.0: uploaded files."""

import hashlib
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clients.conftest import Run
from tests.clients.pictures import form, picture

PICTURE = f"picture = bytes.fromhex({picture().hex()!r})\n"


def test_a_file_is_created_got_listed_and_deleted(python: Run) -> None:
    """Name, type and metadata are fields of their own; metadata has one for each key."""
    told: Any = python(f"""{PICTURE}
made = client.files.create(
    content=picture, filename="cat.png", type="image/png", metadata={{"who": "me", "n": 1}}
)
listed = [file.id for file in client.files.list()]
got = client.files.get(file_id=made.id)
client.files.delete(file_id=made.id)
gone = refused(lambda: client.files.get(file_id=made.id))
again = refused(lambda: client.files.delete(file_id=made.id))
tell([made, got, made.id in listed, gone[0], again[0]])
""")
    made, got, is_listed, gone, again = told
    assert got == made
    assert (made["name"], made["content_type"]) == ("cat.png", "image/png")
    assert made["metadata"]["who"] == "me"
    assert made["metadata"]["n"] in {1, "1"}
    assert made["checksums"]["sha256"] == hashlib.sha256(picture()).hexdigest()
    assert (is_listed, gone, again) == (True, 404, 404)


def test_the_same_asynchronously(python: Run) -> None:
    """The same requests; a tuple brings the name and the type along."""
    told: Any = python(f"""{PICTURE}
async def main():
    made = await later.files.create(content=("dog.png", picture, "image/png"))
    got = await later.files.get(file_id=made.id)
    listed = [file.id async for file in later.files.list()]
    await later.files.delete(file_id=made.id)
    try:
        await later.files.get(file_id=made.id)
    except replicate.NotFoundError as error:
        tell([made, got, made.id in listed, error.status_code])
asyncio.run(main())
""")
    made, got, is_listed, gone = told
    assert got == made
    assert (made["name"], made["content_type"], made["metadata"]) == ("dog.png", "image/png", {})
    assert (is_listed, gone) == (True, 404)


def test_a_download_needs_a_signature(python: Run) -> None:
    """A wrong one and an old one are answered as if there were no file."""
    told: Any = python("""
made = client.files.create(content=b"one")
def download(expiry):
    return refused(lambda: client.files.download(
        file_id=made.id, owner="safelight", expiry=expiry, signature="nope"))
async def main():
    try:
        await later.files.download(file_id=made.id, owner="safelight", expiry=1, signature="a")
    except replicate.NotFoundError as error:
        return error.status_code
tell([download(1)[0], download(4102444800)[0], asyncio.run(main())])
""")
    assert told == [404, 404, 404]


def test_a_download_gives_the_bytes(python: Run, run: Run) -> None:
    """Signed by the server, which `safelight files link` asks; blocking and not."""
    name: Any = python('tell(client.files.create(content=b"one").id)')
    link = run(sys.executable, "-m", "safelight", "files", "link", str(name))
    assert link.code == 0, link.err
    query = parse_qs(urlsplit(link.out.strip()).query)
    signed = {key: texts[0] for key, texts in query.items()}
    told: Any = python(f"""
arguments = dict(file_id={name!r}, owner={signed["owner"]!r}, expiry={int(signed["expiry"])},
                 signature={signed["signature"]!r})
async def main(): return await (await later.files.download(**arguments)).read()
tell([client.files.download(**arguments).read().decode(), asyncio.run(main()).decode()])
""")
    assert told == ["one", "one"]


def test_open_files_are_uploaded_and_used_as_inputs(python: Run) -> None:
    """The client loses their name and type; the bytes tell what they are."""
    told: Any = python(f"""{PICTURE}
open("logo.png", "wb").write(picture)
value = {{"prompt": "a", "input_images": [open("logo.png", "rb"), io.BytesIO(picture)]}}
first = client.run("openai/gpt-image-2", input=value)
async def main():
    value = {{"prompt": "a", "input_images": [open("logo.png", "rb")]}}
    files = await later.run("openai/gpt-image-2", input=value)
    return base64.b64encode(await files[0].read()).decode()
names = [file.to_dict()["name"] for file in client.files.list()][:2]
tell([read(first[0]), asyncio.run(main()), names])
""")
    assert [form(content) for content in told[:2]] == ["WEBP", "WEBP"]
    assert told[2] == ["upload", "upload"]


def test_a_file_can_be_sent_within_the_input(python: Run) -> None:
    """As a data URI, which the client makes."""
    told: Any = python(f"""{PICTURE}
value = {{"prompt": "a", "input_images": [io.BytesIO(picture)]}}
tell(read(client.run("openai/gpt-image-2", input=value, file_encoding_strategy="base64")[0]))
""")
    assert form(told) == "WEBP"


def test_what_used_models_return_can_be_used_by_the_next(python: Run) -> None:
    """Lazily: the address goes on, nothing is downloaded."""
    told: Any = python("""
paint, edit = replicate.use("google/imagen-4-fast"), replicate.use("openai/gpt-image-2")
made = paint(prompt="a")
output = edit(prompt="b", input_images=[str(replicate.get_path_url(made))])
tell(base64.b64encode(open(output[0], "rb").read()).decode())
""")
    assert form(told) == "WEBP"
