"""JavaScript's official client, 1.4.0: uploaded files."""

import hashlib
from typing import Any

import pytest
from tests.clients.conftest import Run
from tests.clients.pictures import form, picture

PICTURE = f'const picture = Buffer.from("{picture().hex()}", "hex");'


def test_a_file_is_created_got_listed_and_deleted(js: Run) -> None:
    """The metadata comes as a part that is a file itself."""
    told: Any = js(f"""{PICTURE}
        const file = new File([picture], "cat.png", {{ type: "image/png" }});
        const made = await replicate.files.create(file, {{ who: "me", count: 1 }});
        const got = await replicate.files.get(made.id);
        const listed = (await replicate.files.list()).results.map(({{ id }}) => id);
        const deleted = await replicate.files.delete(made.id);
        const gone = await refused(() => replicate.files.get(made.id));
        const again = await refused(() => replicate.files.delete(made.id));
        tell([made, got, listed.includes(made.id), deleted, gone[0], again[0]]);
    """)
    made, got, is_listed, is_deleted, gone, again = told
    assert got == made
    assert (made["name"], made["content_type"]) == ("cat.png", "image/png")
    assert made["metadata"] == {"who": "me", "count": 1}
    assert made["size"] == len(picture())
    assert made["checksums"]["sha256"] == hashlib.sha256(picture()).hexdigest()
    assert made["urls"]["get"].startswith("https://127.0.0.1:")
    assert (is_listed, is_deleted, gone, again) == (True, True, 404, 404)


def test_a_buffer_and_a_blob_get_a_name_from_the_client(js: Run) -> None:
    """Neither has one of its own; a blob has a type."""
    told: Any = js(f"""{PICTURE}
        const blob = new Blob([picture], {{ type: "image/png" }});
        tell([await replicate.files.create(picture), await replicate.files.create(blob)]);
    """)
    buffer, blob = told
    assert buffer["name"].startswith("buffer_")
    assert buffer["content_type"] == "application/octet-stream"
    assert blob["name"].startswith("blob_")
    assert blob["content_type"] == "image/png"
    assert buffer["metadata"] == blob["metadata"] == {}
    assert buffer["size"] == blob["size"] == len(picture())


@pytest.mark.parametrize(
    "given",
    [
        "picture",
        'new Blob([picture], { type: "image/png" })',
        'new File([picture], "cat.png")',
        "`data:image/png;base64,${picture.toString('base64')}`",
        "(await replicate.files.create(picture)).urls.get",
    ],
)
def test_a_picture_can_be_an_input_in_every_form(js: Run, given: str) -> None:
    """Buffer, Blob and File are uploaded by the client; text goes as it is."""
    told: Any = js(f"""{PICTURE}
        const input = {{ prompt: "a", input_images: [{given}], output_format: "png" }};
        const [file] = await replicate.run("openai/gpt-image-2", {{ input }});
        tell(await bytes(file));
    """)
    assert form(told) == "PNG"


def test_a_file_input_stays_an_address_in_the_prediction(js: Run) -> None:
    """The one that was uploaded."""
    told: Any = js(f"""{PICTURE}
        const input = {{ prompt: "a", input_images: [picture] }};
        const made = await replicate.predictions.create({{ model: "openai/gpt-image-2", input }});
        tell([made.input.input_images[0], (await replicate.files.list()).results[0].urls.get]);
    """)
    assert told[0] == told[1]
