"""The errors of OpenAI's image API, as they were seen."""

from dataclasses import dataclass

KEY = "sk-proj-Zq81tWm3LkYv92RbXc47"
USER = "image_generation_user_error"
BAD = "invalid_request_error"
REQUEST = "5b0f1c1e-7d3f-4f0e-9d1f-0a2b3c4d5e6f"


@dataclass(frozen=True)
class Problem(Exception):
    """One row of the provider's catalogue of errors."""

    status: int
    message: str
    type: str = BAD
    param: str | None = None
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    details: tuple[str, ...] = ()
    """The stage and the categories of a moderation."""
    page: str | None = None
    """HTML or text from the edge, instead of an error object."""

    def body(self) -> dict[str, object]:
        """The error object."""
        error: dict[str, object] = {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        if self.details:
            stage, *categories = self.details
            error["moderation_details"] = {"moderation_stage": stage, "categories": categories}
        return {"error": error}


def _edge(status: int, text: str, kind: str = "<html><body><h1>{}</h1></body></html>") -> Problem:
    return Problem(status, "", page=kind.format(text))


def _size(message: str) -> Problem:
    return Problem(400, message, USER, "size", "invalid_value")


CATALOGUE = {
    "key": Problem(
        401,
        f"Incorrect API key provided: {KEY[:8]}********{KEY[-4:]}. You can find your API key at"
        " https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    ),
    "no-key": Problem(401, "You didn't provide an API key. You need to provide your API key."),
    "verify": Problem(
        403,
        "Your organization must be verified to use the model `gpt-image-1`. Please go to:"
        " https://platform.openai.com/settings/organization/general and click on Verify"
        " Organization. If you just verified, it can take up to 15 minutes for access to"
        " propagate.",
    ),
    "billing": Problem(
        400, "Billing hard limit has been reached", code="billing_hard_limit_reached"
    ),
    "quota": Problem(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        code="insufficient_quota",
    ),
    "rate": Problem(
        429,
        "Rate limit reached for gpt-image-1 (for limit gpt-image) in organization org-x on"
        " input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s.",
        "input-images",
        code="rate_limit_exceeded",
    ),
    "rate-header": Problem(
        429,
        "Rate limit reached for gpt-image-2 in organization org-x on requests per min. Please try"
        " again in 1m30s.",
        "requests",
        code="rate_limit_exceeded",
        headers=(("retry-after", "9"), ("retry-after-ms", "8600")),
    ),
    "rate-tokens": Problem(
        429,
        "Rate limit reached for gpt-image-2 (for limit gpt-image) in organization org-x on tokens"
        " per min: Limit 100000, Used 99000, Requested 4000. Please try again in 1.8s.",
        "tokens",
        code="rate_limit_exceeded",
    ),
    "slow-down": Problem(
        429,
        "You've exceeded the rate limit, please slow down and try again after 51.84 seconds.",
        "requests",
    ),
    "moderation": Problem(
        400,
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        f" us at help.openai.com and include the request ID {REQUEST}."
        " safety_violations=[sexual].",
        USER,
        code="moderation_blocked",
        details=("input", "sexual"),
    ),
    "moderation-output": Problem(
        400,
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        f" us at help.openai.com and include the request ID {REQUEST}."
        " safety_violations=[violence, self-harm].",
        USER,
        code="moderation_blocked",
        details=("output", "violence", "self-harm"),
    ),
    "moderation-bare": Problem(
        400,
        "Your request was rejected by the safety system. If you believe this is an error, contact"
        f" us at help.openai.com and include the request ID {REQUEST}."
        " safety_violations=[sexual, hate].",
        USER,
        code="moderation_blocked",
    ),
    "policy": Problem(
        400,
        "Your request was rejected as a result of our safety system.",
        code="content_policy_violation",
    ),
    "unknown-parameter": Problem(
        400, "Unknown parameter: 'response_format'.", BAD, "response_format", "unknown_parameter"
    ),
    "fidelity": Problem(
        400,
        "The model 'gpt-image-2' does not support the 'input_fidelity' parameter.",
        USER,
        "input_fidelity",
        "invalid_input_fidelity_model",
    ),
    "transparent": Problem(
        400,
        "Transparent background is not supported for this model.",
        USER,
        "background",
        "invalid_value",
    ),
    "transparent-jpeg": Problem(
        400,
        "Transparent background is not supported for JPEG output format",
        USER,
        "background",
        "invalid_value",
    ),
    "png-compression": Problem(
        400,
        "Compression less than 100 is not supported for PNG output format",
        USER,
        code="invalid_png_output_compression",
    ),
    "size-steps": _size("Invalid size '9x9'. Width and height must both be divisible by 16."),
    "size-form": _size("Invalid size 'bogus'. Expected WIDTHxHEIGHT, for example '1824x1024'."),
    "size-small": _size(
        "Invalid size '512x512'. Requested resolution is below the current minimum pixel budget."
    ),
    "size-large": _size(
        "Invalid size '3840x2880'. Requested resolution exceeds the current pixel budget."
    ),
    "size-edge": _size(
        "Invalid size '4096x1024'. The longest edge must be less than or equal to 3840."
    ),
    "quality": Problem(
        400,
        "Invalid value: 'ultra'. Supported values are: 'low', 'medium', 'high', and 'auto'.",
        BAD,
        "quality",
        "invalid_value",
    ),
    "moderation-value": Problem(
        400,
        "Invalid value: 'none'. Supported values are: 'auto' and 'low'.",
        BAD,
        "moderation",
        "invalid_value",
    ),
    "format-value": Problem(
        400,
        "Invalid value: 'gif'. Supported values are: 'png', 'webp', and 'jpeg'.",
        BAD,
        "output_format",
        "invalid_value",
    ),
    "background-value": Problem(
        400,
        "Invalid value: 'red'. Supported values are: 'transparent', 'opaque', and 'auto'.",
        BAD,
        "background",
        "invalid_value",
    ),
    "many": Problem(
        400,
        "Invalid 'n': integer above maximum value. Expected a value <= 10, but got 11 instead.",
        BAD,
        "n",
        "integer_above_max_value",
    ),
    "few": Problem(
        400,
        "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        BAD,
        "n",
        "integer_below_min_value",
    ),
    "n-type": Problem(
        400,
        "Invalid type for 'n': expected an integer, but got a string instead.",
        BAD,
        "n",
        "invalid_type",
    ),
    "n-part": Problem(
        400,
        "Invalid type for 'n': expected an integer, but got a string value that could not be"
        " converted into an integer.",
        BAD,
        "n",
        "invalid_type",
    ),
    "no-model": Problem(
        400, "Missing required parameter: 'model'.", BAD, "model", "missing_required_parameter"
    ),
    "no-images": Problem(
        400, "Missing required parameter: 'images'.", BAD, "images", "missing_required_parameter"
    ),
    "no-prompt": Problem(
        400, "Missing required parameter: 'prompt'.", BAD, "prompt", "missing_required_parameter"
    ),
    "empty-prompt": Problem(
        400,
        "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty"
        " string instead.",
        BAD,
        "prompt",
        "empty_string",
    ),
    "long-prompt": Problem(
        400,
        "Invalid 'prompt': string too long. Expected a string with maximum length 32000, but got a"
        " string with length 32001 instead.",
        BAD,
        "prompt",
        "string_above_max_length",
    ),
    "retired": Problem(
        400, "The model 'gpt-image-1' does not exist.", USER, "model", "invalid_value"
    ),
    "gone": Problem(
        404,
        "The model `gpt-image-1` does not exist or you do not have access to it.",
        code="model_not_found",
    ),
    "mimetype": Problem(
        400,
        "Invalid file 'image': unsupported mimetype ('application/octet-stream'). Supported file"
        " formats are 'image/jpeg', 'image/png', and 'image/webp'.",
        BAD,
        "image",
        "unsupported_file_mimetype",
    ),
    "mimetype-second": Problem(
        400,
        "Invalid file 'image[1]': unsupported mimetype ('image/gif'). Supported file formats are"
        " 'image/jpeg', 'image/png', and 'image/webp'.",
        BAD,
        "image[1]",
        "unsupported_file_mimetype",
    ),
    "bad-image-users": Problem(
        400,
        "Invalid image file or mode for image 0, please check your image file.",
        USER,
        code="invalid_image_file",
    ),
    "bad-image": Problem(
        400,
        "Invalid image file or mode for image 1, please check your image file.",
        code="invalid_image_file",
    ),
    "many-images": Problem(
        400,
        "Invalid 'image': array too long. Expected an array with maximum length 16, but got an"
        " array with length 17 instead.",
        BAD,
        "image",
        "array_above_max_length",
    ),
    "too-large": Problem(413, "Request body is too large."),
    "too-large-400": Problem(400, "Invalid image: the file is too large.", BAD, "image"),
    "server": Problem(
        500, "The server had an error while processing your request.", "server_error"
    ),
    "failed": Problem(
        500,
        "Image generation failed",
        "image_generation_server_error",
        code="image_generation_failed",
    ),
    "html-503": _edge(503, "503 Service Temporarily Unavailable"),
    "text-502": _edge(502, "Bad gateway", "{}"),
    "html-504": _edge(504, "504 Gateway Time-out"),
    "text-520": _edge(520, "error code: 520", "{}"),
    "html-524": _edge(524, "524: A timeout occurred"),
    "overloaded": Problem(
        503,
        "The engine is currently overloaded, please try again later.",
        "server_error",
        headers=(("retry-after", "30"),),
    ),
    "leak": Problem(
        400, f"Cannot use {KEY}, that is sk-proj-****Xc47 or {KEY[-8:]} with this.", BAD
    ),
}
"""By the word `!...` that asks for it."""
