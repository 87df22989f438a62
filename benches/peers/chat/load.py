"""The load of benches/chat through the openai Python client: prints one line of JSON.

load.py BASE_URL LATENCY_MS whole|stream default|aiohttp: the last says which of the client's own transports to use.
"""

import asyncio
import json
import resource
import sys
import time

import openai

REQUESTS, AT_ONCE, WARM_UP = 2_000, 256, 256

MESSAGES = [
    {"role": "system", "content": "You answer questions by searching. " * 12},
    {"role": "user", "content": "Which river does the mill of Karlin stand on?"},
    {"role": "assistant", "content": '<tool_call>{"name": "search", "arguments": {"query": ["Karlin mill"]}}</tool_call>'},
    {"role": "user", "content": f"<tool_response>{'The mill of Karlin is a water mill. ' * 40}</tool_response>"},
]


async def one(client, gate, stream):
    async with gate:
        begun = time.perf_counter()
        asked = {"model": "made", "messages": MESSAGES, "temperature": 0.6, "max_tokens": 512}
        if stream:
            text, usage = "", None
            async for chunk in await client.chat.completions.create(
                stream=True, stream_options={"include_usage": True}, **asked
            ):
                usage = chunk.usage or usage
                if chunk.choices:
                    text += chunk.choices[0].delta.content or ""
        else:
            reply = await client.chat.completions.create(**asked)
            usage, text = reply.usage, reply.choices[0].message.content
        assert usage.completion_tokens == 64 and len(text) == 64 * len(" token")
        return time.perf_counter() - begun


def http_client(kind):
    if kind == "aiohttp":
        return openai.DefaultAioHttpClient()
    limits = type(openai.DEFAULT_CONNECTION_LIMITS)(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    return openai.DefaultAsyncHttpxClient(limits=limits)


async def main(base, latency_ms, mode, kind):
    client = openai.AsyncOpenAI(
        base_url=base, api_key="none", max_retries=0, timeout=600, http_client=http_client(kind)
    )
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(number):
        return await asyncio.gather(*(one(client, gate, mode == "stream") for _ in range(number)))

    await ask(WARM_UP)
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    times = await ask(REQUESTS)
    after, elapsed = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - begun
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    times.sort()

    def own(quantile):
        return max(0.0, times[(len(times) - 1) * quantile // 100] * 1e3 - latency_ms)

    print(
        json.dumps(
            {
                "requests_per_second": REQUESTS / elapsed,
                "requests_per_cpu_second": REQUESTS / cpu,
                "own_p50_ms": own(50),
                "own_p99_ms": own(99),
                "peak_rss_mb": after.ru_maxrss / 1024,
            }
        )
    )


asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4]))
