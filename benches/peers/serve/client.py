"""The client of the official SDK asks our server in every way that it should know, and checks the answers."""

import json
import re
import signal
import subprocess
import sys

import openai

TOOLS = [{
    "type": "function",
    "function": {
        "name": "search",
        "description": "Searches pages.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}]
ASKED = [{"role": "user", "content": "Which river does the Karlin mill stand on?"}]


def start(program):
    server = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        found = re.search(r"http://\S+/v1", line)
        if found:
            return server, found.group(0)
    raise SystemExit("the server said nothing of where it is")


def passed(what, said=""):
    print(f"passed: {what}{': ' if said else ''}{said}")


def models(client):
    listed = client.models.list().data
    assert [model.id for model in listed] == ["untrained"], listed
    assert listed[0].max_model_len > 0
    passed("models", listed[0].id)


def chat(client):
    plain = client.chat.completions.create(model="untrained", messages=ASKED, max_tokens=24, seed=7)
    choice = plain.choices[0]
    assert choice.finish_reason == "length" and choice.message.role == "assistant", choice
    assert plain.usage.completion_tokens == 24 and plain.usage.total_tokens == plain.usage.prompt_tokens + 24
    again = client.chat.completions.create(model="untrained", messages=ASKED, max_completion_tokens=24, seed=7)
    assert again.choices[0].message.content == choice.message.content, "the same seed says the same"
    assert again.usage.prompt_tokens_details.cached_tokens > 0, "the prompt was at hand"
    passed("chat, whole; the same seed says the same; its prompt was at hand", repr(choice.message.content[:30]))

    said, finish, usage = "", None, None
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(
        model="untrained", messages=ASKED, max_tokens=24, seed=7, stream=True, stream_options=options
    ):
        usage = chunk.usage or usage
        for part in chunk.choices:
            said += part.delta.content or ""
            finish = part.finish_reason or finish
    assert (said, finish) == (choice.message.content, "length"), (said, finish)
    assert usage.completion_tokens == 24, usage
    passed("chat, streamed: the same text, and the usage at the end")

    several = client.chat.completions.create(model="untrained", messages=ASKED, max_tokens=8, seed=7, n=3)
    texts = [part.message.content for part in several.choices]
    assert len(set(texts)) == 3 and [part.index for part in several.choices] == [0, 1, 2], texts
    assert several.usage.completion_tokens == 24 and several.usage.prompt_tokens == plain.usage.prompt_tokens
    passed("three choices, each from a seed of its own")

    stop = choice.message.content[8:11]
    stopped = client.chat.completions.create(model="untrained", messages=ASKED, max_tokens=24, seed=7, stop=[stop])
    assert stopped.choices[0].finish_reason == "stop", stopped
    assert stopped.choices[0].message.content == choice.message.content.split(stop)[0]
    passed("a stop string", repr(stop))


def log_probabilities(client):
    reply = client.chat.completions.create(
        model="untrained", messages=ASKED, max_tokens=12, seed=7, logprobs=True, extra_body={"return_token_ids": True}
    )
    entries = reply.choices[0].logprobs.content
    assert len(entries) == 12 == len(reply.choices[0].token_ids)
    assert all(entry.logprob <= 0 and entry.bytes for entry in entries), entries
    assert bytes(b for entry in entries for b in entry.bytes).decode(errors="replace").startswith(
        reply.choices[0].message.content[:4]
    )
    passed("log-probabilities and tokens of a chat")


def tools(client):
    plain = client.chat.completions.create(model="untrained", messages=ASKED, max_tokens=4, seed=1)
    offered = client.chat.completions.create(model="untrained", messages=ASKED, tools=TOOLS, max_tokens=4, seed=1)
    none = client.chat.completions.create(
        model="untrained", messages=ASKED, tools=TOOLS, tool_choice="none", max_tokens=4, seed=1
    )
    assert offered.usage.prompt_tokens > plain.usage.prompt_tokens == none.usage.prompt_tokens
    call = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": json.dumps({"query": "mill"})}}
    answered = ASKED + [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "The mill stands on the Orsa."},
    ]
    later = client.chat.completions.create(model="untrained", messages=answered, tools=TOOLS, max_tokens=4, seed=1)
    assert later.usage.prompt_tokens > offered.usage.prompt_tokens
    passed("tools, calls and their results reach the prompt; tool_choice none leaves them out")


def completions(client):
    text = client.completions.create(model="untrained", prompt="The Karlin mill", max_tokens=10, seed=3, logprobs=1)
    choice = text.choices[0]
    assert len(choice.logprobs.token_logprobs) == 10 == len(choice.logprobs.tokens), choice
    exact = client.completions.create(
        model="untrained", prompt="The Karlin mill", max_tokens=10, seed=3, extra_body={"return_token_ids": True}
    )
    ids = exact.choices[0].prompt_token_ids
    by_tokens = client.completions.create(model="untrained", prompt=ids, max_tokens=10, seed=3)
    assert by_tokens.choices[0].text == choice.text == exact.choices[0].text
    parts = client.completions.create(model="untrained", prompt=ids, max_tokens=10, seed=3, stream=True)
    assert "".join(part.choices[0].text for part in parts) == choice.text
    passed("completions of text and of tokens, whole and streamed", repr(choice.text[:30]))


def refusals(client, base):
    bad = [
        (openai.BadRequestError, {"temperature": -1}, "temperature"),
        (openai.BadRequestError, {"max_tokens": 10**6}, "context"),
        (openai.BadRequestError, {"messages": [{"role": "king", "content": "Hello"}]}, "messages[0].role"),
        (openai.BadRequestError, {"logprobs": True, "top_logprobs": 5}, "top_logprobs"),
        (openai.BadRequestError, {"tools": TOOLS, "tool_choice": "required"}, "tool_choice"),
        (openai.NotFoundError, {"model": "gpt-9"}, "gpt-9"),
    ]
    for kind, fields, named in bad:
        try:
            client.chat.completions.create(**({"model": "untrained", "messages": ASKED} | fields))
        except kind as error:
            assert named in str(error), error
        else:
            raise AssertionError(f"{fields} was answered")
    passed("bad requests are refused, with the field that is wrong", ", ".join(named for _, _, named in bad))


def main(program):
    server, base = start(program)
    try:
        client = openai.OpenAI(base_url=base, api_key="none", max_retries=0, timeout=120)
        models(client)
        chat(client)
        log_probabilities(client)
        tools(client)
        completions(client)
        refusals(client, base)
    finally:
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=60)
    assert server.returncode == 0 and "ended" in rest, (server.returncode, rest)
    passed("the server ends cleanly")


main(sys.argv[1])
