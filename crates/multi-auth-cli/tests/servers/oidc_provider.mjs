// An authorization server (npm: oidc-provider) on loopback, for the tests of logins and grants.
//
//     node oidc_provider.mjs DIRECTORY    DIRECTORY holds node_modules/oidc-provider
//
// It prints its issuer, and stops when its input ends.
import http from 'node:http';
import { createPublicKey, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [, , directory, publicKeyPem] = process.argv;
const { default: Provider, errors } = await import(
  pathToFileURL(`${directory}/node_modules/oidc-provider/lib/index.js`).href
);

const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
const secret = 's p/1+%&=:';
const jwk = publicKeyPem && {
  ...createPublicKey(publicKeyPem).export({ format: 'jwk' }),
  kid: 'k-1',
  use: 'sig',
};

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'terminal',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    { ...machine, client_id: 'basic', client_secret: secret, scope: 'orders.read' },
    {
      ...machine,
      client_id: 'post',
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_post',
    },
    {
      ...machine,
      client_id: 'secret-jwt',
      client_secret: secret.repeat(4),
      token_endpoint_auth_method: 'client_secret_jwt',
    },
    ...(jwk
      ? [{
          ...machine,
          client_id: 'private-key-jwt',
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'ES256',
          jwks: { keys: [jwk] },
        }]
      : []),
  ],
  clientAuthMethods: [
    'none',
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
  ],
  enabledJWA: { clientAuthSigningAlgValues: ['HS256', 'ES256'] },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    // Requests without a proof are accepted too. Those with one need a nonce.
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: (_context, resource) => {
        if (resource !== 'https://orders.example') {
          throw new errors.InvalidTarget();
        }
        return { scope: 'orders.read', accessTokenFormat: 'jwt', accessTokenTTL: 600 };
      },
      useGrantedResource: () => true,
    },
  },
  scopes: ['openid', 'offline_access', 'orders.read'],
  rotateRefreshToken: () => true,
  issueRefreshToken: () => true,
  ttl: { AccessToken: 600, ClientCredentials: 600, RefreshToken: 86400, DeviceCode: 600 },
});
server.on('request', provider.callback());
process.stdin.on('end', () => process.exit(0)).resume();
console.log(issuer);
