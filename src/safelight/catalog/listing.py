"""The models in the box: what each is called, who answers for it, and what runs it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import cog

from safelight.catalog.google.imagen_4_fast import Imagen4Fast
from safelight.catalog.jigsawstack.image_generation import ImageGeneration
from safelight.catalog.openai.gpt_image_1 import GptImage1
from safelight.catalog.openai.gpt_image_2 import GptImage2
from safelight.catalog.safelight.echo import Echo, RehearsedEcho
from safelight.catalog.safelight.sketch import RehearsedSketch, Sketch


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model in the box."""

    owner: str
    name: str
    description: str
    runner: type[cog.BaseRunner]
    """What runs it live: an AskingModel takes its upstream and model id, others nothing."""
    test_runner: type[cog.BaseRunner]
    """What runs it in test mode: takes nothing, calls nobody, obeys directives in the prompt."""
    trainer: type[cog.BaseRunner] | None = None
    """What trains it, in both modes; takes nothing, and returns weights."""
    version: str
    """64 hex digits."""
    other_versions: tuple[str, ...] = ()
    """Older ids, known from Replicate, which the same runner answers."""
    created_at: datetime
    """Of the version; where Replicate published none, a day on which it existed."""
    official: bool
    """True where Replicate shows the version as `hidden` and the model as always on."""
    provider: str | None = None
    """Whose API answers; None for a model that needs nobody."""
    default_model: str | None = None
    """The provider's id of the model."""
    repeatable: bool = False
    """True when running again after a crash costs nothing."""
    hardware: str = "CPU"
    github_url: str | None = None
    paper_url: str | None = None
    license_url: str | None = None
    cover_prompt: str
    """What the cover picture shows."""
    example: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The input of the default example."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


def _minted(full_name: str) -> str:
    """A stable version id for a model whose own is not public, or which is ours."""
    return hashlib.sha256(f"safelight catalog {full_name} 1".encode()).hexdigest()


_GPT_IMAGE_2_PROMPT = (
    "A photo of a computer screen displaying a Spotify playlist in golden hour evening in a "
    "living room with lots of green plants in the background. The playlist says GPT-image-2. "
    'caption is "this new image model from OpenAI is dope." and the artists are Replicate. the '
    "songs are themes about open source AI and Machine learning. the account name is Replicate. "
    "use the logo for replicate as the profile picture and artist image."
)
_IMAGEN_PROMPT = (
    "The photo: Create a cinematic, photorealistic medium shot capturing the dynamic energy of a "
    "high-octane action film. The focus is a young woman with wind-swept dark hair streaked with "
    "pink highlights and determined features, looking directly and intently into the camera lens, "
    "she is slightly off-center. She wears a fitted pink and gold racing jacket over a black tank "
    'top with "Imagen 4 Fast" in motion-stylized lettering and on the next line "on Replicate" '
    "emblazoned across the chest and aviator sunglasses pushed up on her head. The lighting is "
    "dramatic with motion blur streaks and neon reflections from passing city lights, creating "
    "dynamic lens flares and light trails (they do not cover her face). The background shows a "
    "blurred urban nightscape with streaking car headlights and illuminated skyscrapers rushing "
    "past, rendered with heavy motion blur and shallow depth of field. High contrast lighting, "
    "vibrant neon color palette with deep blues and electric yellows, and razor-sharp focus on her "
    "intense eyes enhance the fast-paced, electrifying atmosphere. She is illuminated while the "
    "background is darker."
)
_SKETCH_PROMPT = 'A lighthouse on a cliff at sunset, two sailing boats, "SAFELIGHT" in the sky'

ENTRIES: tuple[Entry, ...] = (
    Entry(
        owner="openai",
        name="gpt-image-1",
        description="A multimodal image generation model that creates high-quality images. You "
        "need to bring your own verified OpenAI key to use this model. Your OpenAI account will "
        "be charged for usage.",
        runner=GptImage1,
        test_runner=GptImage1,
        version="a6198aeaea27df5f3a9f11335cd61b2031729f9527cd34e6cdb4bb3ee9355b87",
        other_versions=("919e1bf061bd37ecb46e7d467ac952029cb5a5a9d195823832f5a17ec69e57d4",),
        created_at=datetime(2025, 9, 1, tzinfo=UTC),
        official=True,
        provider="openai",
        default_model=GptImage1.default_model,
        cover_prompt="A red fox asleep in a snowy birch forest at dawn",
        example={
            "openai_api_key": "[REDACTED]",
            "prompt": "A red fox asleep in a snowy birch forest at dawn",
            "aspect_ratio": "3:2",
            "number_of_images": 2,
            "quality": "auto",
            "background": "auto",
            "moderation": "auto",
            "output_format": "webp",
            "output_compression": 90,
        },
    ),
    Entry(
        owner="openai",
        name="gpt-image-2",
        description="OpenAI's state-of-the-art image generation model. Create and edit images "
        "from text with strong instruction following, sharp text rendering, and detailed editing.",
        runner=GptImage2,
        test_runner=GptImage2,
        version="9ea921ca3eea597fe8773474545f54601fe1d30bc62517fb30fd86f42e4bb3cf",
        created_at=datetime(2026, 4, 23, tzinfo=UTC),
        official=True,
        provider="openai",
        default_model=GptImage2.default_model,
        cover_prompt='A small bakery at golden hour, its sign reads "BREAD", green plants outside',
        example={
            "prompt": _GPT_IMAGE_2_PROMPT,
            "quality": "auto",
            "background": "auto",
            "moderation": "auto",
            "aspect_ratio": "3:2",
            "output_format": "webp",
            "number_of_images": 1,
            "output_compression": 90,
        },
    ),
    Entry(
        owner="google",
        name="imagen-4-fast",
        description="Google's Imagen 4 in its fast form: for when speed and price matter more "
        "than the last detail.",
        runner=Imagen4Fast,
        test_runner=Imagen4Fast,
        version=_minted("google/imagen-4-fast"),
        created_at=datetime(2025, 9, 1, tzinfo=UTC),
        official=True,
        provider="google",
        default_model=Imagen4Fast.default_model,
        cover_prompt="A city at night in the rain, neon reflections, a yellow taxi",
        example={"prompt": _IMAGEN_PROMPT, "aspect_ratio": "4:3"},
    ),
    Entry(
        owner="jigsawstack",
        name="image-generation",
        description="Generate an image from text with JigsawStack. You need your own JigsawStack "
        "API key.",
        runner=ImageGeneration,
        test_runner=ImageGeneration,
        version="43d5bce2e1c97fa1e7d8996187a85cd5c882787989091af3b135c7a16ca23b79",
        other_versions=(
            "f13c1b67262f587ae89a88845c810c788df0f7c81116350ba48b5ecec44dca8a",
            "6a66e87ee7e9afbabd25ee50458c88ab62463f13678e07b5e0fa96c0045c5c0c",
            "d03decea0f0ad7ee9aecaf2561eb5d195c687319d66bc3d802fd008013e718c8",
            "108c6bc35fe8f8fe6b0329f2cff03233bc5d132f4006ce2565b36bab6a587ec4",
        ),
        created_at=datetime(2025, 6, 27, tzinfo=UTC),
        official=False,
        provider="jigsawstack",
        default_model=ImageGeneration.default_model,
        cover_prompt="An ocean with high waves under a stormy sky",
        example={
            "api_key": "[REDACTED]",
            "aspect_ratio": "16:9",
            "output_format": "png",
            "prompt": "Generate me an image of ocean",
            "steps": 4,
        },
    ),
    Entry(
        owner="safelight",
        name="sketch",
        description="An offline illustrator: reads a prompt and paints a picture that answers it. "
        "No neural network, no key, no download, no wait.",
        runner=Sketch,
        test_runner=RehearsedSketch,
        version=_minted("safelight/sketch"),
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
        official=False,
        repeatable=True,
        cover_prompt=_SKETCH_PROMPT,
        example={"prompt": _SKETCH_PROMPT, "aspect_ratio": "3:2", "seed": 7},
    ),
    Entry(
        owner="safelight",
        name="echo",
        description="Gives back its prompt and does no work: for benches and load tests.",
        runner=Echo,
        test_runner=RehearsedEcho,
        version=_minted("safelight/echo"),
        created_at=datetime(2026, 11, 21, tzinfo=UTC),
        official=False,
        repeatable=True,
        cover_prompt="Mountains reflected in a still lake",
        example={"prompt": "Hello"},
    ),
)
