// Make a picture with the official JavaScript client, and save it.
//
// npm install replicate; then run this where `eval "$(safelight env --test)"` was run. This client
// reads no variable for the base URL, so it is passed on.
import { writeFile } from "node:fs/promises";
import Replicate from "replicate";

const replicate = new Replicate({ baseUrl: process.env.REPLICATE_BASE_URL });

const output = await replicate.run("openai/gpt-image-2", {
  input: {
    prompt: "A harbour at dawn, three fishing boats, gulls over the water",
    aspect_ratio: "3:2",
    number_of_images: 2,
    output_format: "webp",
  },
});

for (const [index, image] of output.entries()) {
  const path = `harbour-${index}.webp`;
  await writeFile(path, image);
  console.log(`${path} from ${image.url()}`);
}
