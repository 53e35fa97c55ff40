// Calls vendors through the proxy, with the clients that programs for Node use.
//
//     multi-auth run -- node sdks.mjs DIRECTORY

import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[2]}/`);
const { OpenAI } = require('openai');
const grpc = require('@grpc/grpc-js');
const token = process.env.MULTI_AUTH_CALLER_TOKEN;

const response = await fetch(`${process.env.IMMUTA_BASE_URL}/audit`, {
  headers: { authorization: `Bearer ${token}` },
});
console.log('fetch', (await response.json()).count);

const client = new OpenAI();
const models = [];
for await (const model of client.models.list()) models.push(model.id);
console.log('openai', models.join());

// A gRPC client has no path of its own, so the host names the vendor.
const echo = new grpc.Client(
  process.env.MULTI_AUTH_PROXY_URL.replace('http://', ''),
  grpc.credentials.createInsecure(),
  { 'grpc.default_authority': 'grpc.localhost' },
);
const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${token}`);
const raw = (bytes) => bytes;
const answer = await new Promise((resolve, reject) => {
  echo.makeUnaryRequest('/echo.Echo/Say', raw, raw, Buffer.from('hello'), metadata,
    (error, bytes) => (error ? reject(error) : resolve(bytes)));
});
console.log('grpc', answer.toString());
const failure = await new Promise((resolve) => {
  echo.makeUnaryRequest('/echo.Echo/Fail', raw, raw, Buffer.from(''), metadata, resolve);
});
console.log('grpc failure', failure.code, failure.details);
echo.close();
