"""Follow a prediction with the official Python client, and cancel another.

Run it where `eval "$(safelight env --test)"` was run: the second prompt asks test mode for a delay.
"""

import time

import replicate

MODEL = "google/imagen-4-fast"

prediction = replicate.models.predictions.create(
    model=MODEL, input={"prompt": "A red kite over green hills", "aspect_ratio": "16:9"}
)
print(f"{prediction.id} is {prediction.status}")
while prediction.status in ("starting", "processing"):
    time.sleep(0.2)
    prediction.reload()
print(f"{prediction.id} is {prediction.status}: {prediction.output}")

slow = replicate.models.predictions.create(
    model=MODEL, input={"prompt": "A snail crossing a road [[delay: 60s]]"}
)
slow.cancel()
print(f"{slow.id} is {replicate.predictions.get(slow.id).status}")
