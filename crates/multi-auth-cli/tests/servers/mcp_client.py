"""Calls a vendor as an agent: with the MCP SDK for Python, over stdio and streamable HTTP.

    PYTHONPATH=DIRECTORY/sdks python3 mcp_client.py PROGRAM URL TOKEN
"""
import asyncio
import sys

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

program, url, token = sys.argv[1:]


async def call(name, server, mode):
    async with Client(server, mode=mode) as client:
        tools = await client.list_tools()
        vendors = tools.tools[0].input_schema["properties"]["vendor"]["enum"]
        result = await client.call_tool("request", {"vendor": "one", "path": "/open"})
        status = result.content[0].text.splitlines()[0]
        refused = await client.call_tool("request", {"vendor": "two", "path": "/"})
        print(name, mode, vendors, status, refused.is_error)


async def main():
    for mode in ["auto", "legacy"]:
        stdio = StdioServerParameters(command=program, args=["mcp", "--caller", "reader"])
        await call("stdio", stdio, mode)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            await call("http", streamable_http_client(url, http_client=http), mode)


asyncio.run(main())
