// Calls a vendor as an agent: with the MCP SDK for Node, over stdio and streamable HTTP.
//
//     node mcp_client.mjs DIRECTORY PROGRAM URL TOKEN
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [directory, program, url, token] = process.argv.slice(2);
const require = createRequire(pathToFileURL(directory + '/'));
const sdk = async (path) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${path}`)));
const { Client } = await sdk('client/index.js');
const { StdioClientTransport } = await sdk('client/stdio.js');
const { StreamableHTTPClientTransport } = await sdk('client/streamableHttp.js');

const transports = {
  stdio: new StdioClientTransport({ command: program, args: ['mcp', '--caller', 'reader'] }),
  http: new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  }),
};
for (const [name, transport] of Object.entries(transports)) {
  const client = new Client({ name: 'tests', version: '1' });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const call = (vendor) => client.callTool({ name: 'request', arguments: { vendor, path: '/open' } });
  const allowed = await call('one');
  const refused = await call('two');
  const vendors = tools[0].inputSchema.properties.vendor.enum.join();
  console.log(name, vendors, allowed.content[0].text.split('\n')[0], refused.isError);
  await client.close();
}
