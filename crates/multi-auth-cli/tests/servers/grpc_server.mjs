// A gRPC server of grpc-js (npm, Apache-2.0) on loopback, which refuses calls without its key.
//
//     node grpc_server.mjs DIRECTORY KEY
//
// It prints its URL, and stops when its input ends.

import { createRequire } from 'node:module';

const grpc = createRequire(`${process.argv[2]}/`)('@grpc/grpc-js');
const raw = (bytes) => bytes;
const method = (name) => ({
  path: `/echo.Echo/${name}`, requestStream: false, responseStream: false,
  requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw,
});
const server = new grpc.Server();
server.addService({ Say: method('Say'), Fail: method('Fail') }, {
  Say: (call, done) => {
    const [key] = call.metadata.get('authorization');
    if (key !== `Bearer ${process.argv[3]}`) {
      return done({ code: grpc.status.UNAUTHENTICATED, details: 'wrong key' });
    }
    return done(null, call.request);
  },
  Fail: (call, done) => done({ code: grpc.status.NOT_FOUND, details: 'no such thing' }),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`http://127.0.0.1:${port}`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit());
