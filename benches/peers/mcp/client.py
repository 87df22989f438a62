"""The client of the official SDK lists the tools of our server and calls them."""

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

CALLS = [
    ("search", {"query": ["when was the mill rebuilt?"]}, False, "karlin.example/mill"),
    ("search", {"query": "castle"}, False, "karlin.example/castle"),
    ("search_wiki", {"entities": ["Orsa"]}, False, "northern hills"),
    ("visit_urls", {"urls": ["https://karlin.example/castle"], "query": "fires"}, False, "1741"),
    ("visit_urls", {"urls": ["https://karlin.example/gone"], "query": "fires"}, True, "no page"),
    ("visit_urls", {"urls": 5, "query": "fires"}, True, "no page"),
    ("execute_code", {"code": "print(1803 - 1741)"}, False, "62"),
    ("fly", {}, True, "no tool"),
]


async def main(program: str) -> None:
    parameters = StdioServerParameters(command=program, args=[])
    async with stdio_client(parameters) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        info = getattr(hello, "server_info", None) or hello.serverInfo
        print(f"{info.name} {info.version}")
        listed = (await session.list_tools()).tools
        names = [tool.name for tool in listed]
        assert names == ["search", "search_wiki", "visit_urls", "execute_code"], names
        for tool in listed:
            schema = getattr(tool, "input_schema", None) or tool.inputSchema
            assert schema["type"] == "object" and schema["required"], schema
        results = await asyncio.gather(*(session.call_tool(name, arguments) for name, arguments, _, _ in CALLS))
        for (name, arguments, failed, text), result in zip(CALLS, results):
            said = "\n".join(part.text for part in result.content)
            is_error = result.is_error if hasattr(result, "is_error") else result.isError
            assert bool(is_error) == failed, (name, arguments, said)
            assert text in said, (name, arguments, said)
            print(f"{name} {arguments}: {'told what is wrong' if failed else 'answered'}, {len(said)} characters")
    print("all calls went as they should")


asyncio.run(main(sys.argv[1]))
