from tests.api.conftest import *
async def test_a(api):
    p = await api.run("openai/gpt-image-1", {"prompt":"x","openai_api_key":"sk-abcdef123456","number_of_images":2})
    print(p)
async def test_b(api):
    print(await api.echo())
