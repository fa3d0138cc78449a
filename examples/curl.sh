#!/bin/sh
# Make a picture with curl, and save it.
#
# Run it where `eval "$(safelight env --test)"` was run.
set -eu

prediction=$(curl -sS --fail-with-body -X POST \
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \
  -H "Content-Type: application/json" \
  -H "Prefer: wait" \
  -d '{
    "input": {
      "prompt": "A harbour at dawn, three fishing boats, gulls over the water",
      "aspect_ratio": "4:3"
    }
  }' \
  "$REPLICATE_BASE_URL/models/google/imagen-4-fast/predictions")

url=$(printf '%s' "$prediction" | sed -n 's/.*"output":"\([^"]*\)".*/\1/p')
curl -sS --fail -o harbour.jpg "$url"
echo "harbour.jpg from $url"
