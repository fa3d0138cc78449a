"""Make a picture with the official Python client, and save it.

Run it where `eval "$(safelight env --test)"` was run; without `--test` it uses your OpenAI key.
"""

from pathlib import Path

import replicate

output = replicate.run(
    "openai/gpt-image-2",
    input={
        "prompt": "A harbour at dawn, three fishing boats, gulls over the water",
        "aspect_ratio": "3:2",
        "number_of_images": 2,
        "output_format": "webp",
    },
)

for index, image in enumerate(output):
    path = Path(f"harbour-{index}.webp")
    path.write_bytes(image.read())
    print(f"{path} from {image.url}")
