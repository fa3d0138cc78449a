from tests.api.conftest import *
import time, json, base64, zlib, struct, tracemalloc, resource
def show(name, a, n=300):
    print(f"== {name}: {a.status_code} {a.headers.get('content-type')} {a.text[:n]!r}")
def bomb():
    def chunk(k,d): return struct.pack(">I",len(d))+k+d+struct.pack(">I",zlib.crc32(k+d))
    return b"\x89PNG\r\n\x1a\n"+chunk(b"IHDR",struct.pack(">IIBBBBB",30000,30000,8,2,0,0,0))+chunk(b"IDAT",zlib.compress(b"\0"*1000))+chunk(b"IEND",b"")
async def test_a(running):
  async with running(SAFELIGHT_MAX_BODY="200MB") as api:
    c = api.client
    raw = lambda body, **h: c.post("/v1/models/safelight/echo/predictions", content=body, headers={"content-type":"application/json", **h})
    for name, body in {"nest": b"["*100000, "nest2": b'{"input":{"prompt":'+b"["*100000+b"]"*100000+b"}}", "nest-ok-900": b'{"input":{"prompt":"x","y":'+b"["*900+b"]"*900+b"}}", "nest-400": b'{"input":{"prompt":"x","y":'+b"["*400+b"]"*400+b"}}", "nan": b'{"input":{"prompt":NaN}}', "dup": b'{"input":{"prompt":"a","prompt":"b"}}', "dup2": b'{"input":{"prompt":"a"},"input":{"prompt":"b"}}',
       "surr": rb'{"input":{"prompt":"\ud800"}}', "surr-unknown": rb'{"input":{"prompt":"a","zz":"\ud800"}}', "surrkey": rb'{"input":{"prompt":"a","\ud800":"z"}}',"nul": rb'{"input":{"prompt":"a\u0000b"}}', "nulraw": b'{"input":{"prompt":"a\0b"}}', "badutf": b'{"input":{"prompt":"\xff\xfe"}}', "empty": b"", "null": b"null", "arr": b"[]", "inputnull": b'{"input":null}', "inputarr": b'{"input":[]}', "big": b'{"input":{"prompt":1e400}}', "bigint": b'{"input":{"prompt":"a","x":'+b"9"*5000+b"}}", "bom": b'\xef\xbb\xbf{"input":{"prompt":"a"}}', "utf16": '{"input":{"prompt":"a"}}'.encode("utf-16"), "surrtop": rb'{"input":{"prompt":"a"},"\ud800":1}', "webhooksurr": rb'{"input":{"prompt":"a"},"webhook":"https://a/\ud800"}', "webhook nul": rb'{"input":{"prompt":"a"},"webhook":"https://a/\u0000"}', "webhookfilter": b'{"input":{"prompt":"a"},"webhook_events_filter":[["a"],{},3]}'}.items():
        t=time.monotonic()
        a = await raw(body, prefer="wait=5"); show(name, a, 450); print(round(time.monotonic()-t,3))
        if a.status_code==201: show(name+" list", await c.get("/v1/predictions"), 60)
    t=time.monotonic(); m=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    a = await raw(json.dumps({"input":{"prompt":"x"*50_000_000}}).encode()); show("50MB", a); print(time.monotonic()-t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-m)
    for n,p in {"wait=soon":"wait=soon","wait=0":"wait=0","wait=120":"wait=120","respond":"respond-async","multi":"respond-async, wait=5"}.items():
        a=await api.create(ECHO, {"prompt":"a"}, prefer=p); show(n,a,100); print(a.headers)
    for ca in ("1s","25h","abc","90","5m","1h30m45s",""):
        a=await api.create(ECHO, {"prompt":"a"}, cancel_after=ca); show("ca "+ca,a,1200)
    def png(decl, data): return f"data:{decl};base64,"+base64.b64encode(data).decode()
    import io; from PIL import Image
    f=io.BytesIO(); Image.new("RGB",(64,64),"red").save(f,"PNG")
    for n,v in {"lie":png("text/plain",f.getvalue()),"textpng":png("image/png",b"hello"),"bomb":png("image/png",bomb()),"path":"./cat.png","empty":"","private":"http://10.0.0.1/a.png","loop":"http://127.0.0.1:1/a.png","meta":"http://169.254.169.254/a.png","file":"file:///etc/passwd","ftp":"ftp://a/b", "svg":png("image/png",b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "trunc": png("image/png", f.getvalue()[:60]),"badb64":"data:image/png;base64,%%%", "xbad":"https://", "surr":"https://a/\udc00"}.items():
        t=time.monotonic()
        a=await c.post(f"/v1/models/{SKETCH}/predictions", content=json.dumps({"input":{"prompt":"a","input_images":[v]}}), headers={"prefer":"wait=20"}); show("file "+n,a,60)
        j=a.json(); print(j.get("status"), j.get("error"), j.get("detail"), round(time.monotonic()-t,2))
    a=await api.create("openai/gpt-image-1", {"quality":"ultra","number_of_images":99,"output_compression":"x","aspect_ratio":3}); show("multi",a,2000)
async def test_b(running):
  async with running(SAFELIGHT_MAX_BODY="1000") as api:
    a = await api.echo("x"*100); 
    show("413", await api.create(ECHO, {"prompt":"x"*1000}))
    async def gen():
        for _ in range(5): yield b"x"*500
    show("413c", await api.client.post("/v1/models/safelight/echo/predictions", content=gen()))
async def test_c(api):
    for m in ("openai/gpt-image-1","openai/gpt-image-2","google/imagen-4-fast","jigsawstack/image-generation"):
        p = await api.run(m, {"prompt":"a","openai_api_key":"[REDACTED]","api_key":"[REDACTED]"}, **api.live)
        print(m, p["status"], p["error"], p["logs"])
    c=api.client
    for path in ("/","/v1","/v1/","/nope","/v1/nope","/v1/predictions/","/v1/predictions/nope","/v1/models/x/y","/v1/models/openai/gpt-image-1/versions/zz","/v1/models/openai/gpt-image-1/versions/latest","/outputs/a/b","/v1/files/x","/v1/files/bcwr-x","/v1/v1/hardware","/v1/account","/v1/predictions?cursor=x","/v1/predictions?source=api","/v1/predictions?created_after=x", "/v1/predictions?cursor=%ff", "/v1/predictions/%00", "/v1/predictions?created_after=0001-01-01T00:00:00%2B23:59"):
        show("GET "+path, await c.get(path),200)
    for meth in ("PUT","DELETE","PATCH","QUERY","OPTIONS","HEAD"):
        a=await c.request(meth,"/v1/predictions"); show(meth,a,200); print(a.headers)
    for h in ({}, {"authorization":"Bearer"}, {"authorization":"Basic abc"}, {"authorization":"Bearer r8_nope"}, {"authorization":"Token "+api.test_token},{"authorization":"bearer "+api.test_token}, {"authorization": b"Bearer \xff\xfe"}):
        c2=httpx.AsyncClient(transport=httpx.ASGITransport(api.engine.app, raise_app_exceptions=False), base_url=ORIGIN)
        show(str(h), await c2.get("/v1/account", headers=h), 150)
    for v in ("safelight/echo","safelight/echo:latest","nope/nope","safelight/echo:"+"0"*64,"0"*64,"hello","", "safelight/echo:", "a/b/c", "safelight/echo:hidden", "hidden"):
        show("v "+v, await api.post("/v1/predictions", {"version":v,"input":{"prompt":"a"}}), 120)
    show("m", await api.post("/v1/predictions", {"version":3,"input":3,"stream":"x","webhook":1,"webhook_events_filter":"x","model":"a","foo":1}), 2000)
    show("m", await api.post("/v1/predictions", {}), 2000)
    show("m", await api.post("/v1/predictions", {"version":"safelight/echo","input":{"prompt":"x"},"webhook":"not-a-url"}), 2000)
