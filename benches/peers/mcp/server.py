"""A server of the official SDK."""

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("karlin")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def river(mill: str) -> str:
    """Says which river drives a mill."""
    if mill == "none":
        raise ToolError("there is no such mill")
    return f"The Orsa drives {mill}."


if __name__ == "__main__":
    server.run()
