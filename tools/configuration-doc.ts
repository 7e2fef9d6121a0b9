/** Writes docs/configuration.md from the settings that the functions declare. */
import { writeFile } from 'node:fs/promises';
import { needs as account } from '../functions/account/config.ts';
import { needs as admin } from '../functions/admin/config.ts';
import { needs as answers } from '../functions/answers/config.ts';
import { needs as authorize } from '../functions/authorize/config.ts';
import { needs as callback } from '../functions/callback/config.ts';
import { needs as complete } from '../functions/complete/config.ts';
import type { Setting } from '../functions/config/load.ts';
import { needs as connections } from '../functions/connections/config.ts';
import { needs as directory } from '../functions/directory/config.ts';
import { needs as directoryAdmin } from '../functions/directory-admin/config.ts';
import { needs as directorySync } from '../functions/directory-sync/config.ts';
import { needs as documents } from '../functions/documents/config.ts';
import { needs as jwks } from '../functions/jwks/config.ts';
import { needs as offer } from '../functions/offer/config.ts';
import { needs as probe } from '../functions/probe/config.ts';
import { needs as revoke } from '../functions/revoke/config.ts';
import { needs as rewrap } from '../functions/rewrap/config.ts';
import { needs as session } from '../functions/session/config.ts';
import { needs as signin } from '../functions/signin/config.ts';
import { needs as sweep } from '../functions/sweep/config.ts';
import { needs as token } from '../functions/token/config.ts';

const FUNCTIONS = {
  authorize,
  callback,
  complete,
  token,
  connections,
  revoke,
  account,
  offer,
  admin,
  sweep,
  rewrap,
  probe,
  signin,
  session,
  jwks,
  directory,
  'directory-admin': directoryAdmin,
  'directory-sync': directorySync,
  answers,
  documents,
};
const NAMES = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];

const settingsOf = (name: keyof typeof FUNCTIONS): Setting<unknown>[] => Object.values(FUNCTIONS[name].settings);

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const settingsTable = (): string => {
  const all = new Map(NAMES.flatMap(settingsOf).map((setting) => [setting.variable, setting]));
  const rows = [...all.values()].map(({ variable, describe, absent, secret, development }) => {
    const users = NAMES.filter((name) => settingsOf(name).some((each) => each.variable === variable));
    const kind = [
      absent ? 'optional' : 'required',
      ...(secret ? ['secret'] : []),
      ...(development ? ['development'] : []),
    ];
    return row([
      `\`${variable}\``,
      describe,
      kind.join(', '),
      users.length === NAMES.length ? 'all' : users.join(', '),
    ]);
  });
  return [row(['variable', 'what', 'kind', 'functions']), row(['---', '---', '---', '---']), ...rows].join('\n');
};

const privilegesTable = (): string => {
  const rows = NAMES.map((name) => {
    const { privileges, clientSecrets } = FUNCTIONS[name];
    const secrets = settingsOf(name).flatMap(({ variable, secret }) => (secret ? [`\`${variable}\``] : []));
    const clients = {
      tokens: ['`CLIENT_SECRET_*`'],
      revocation: ['`CLIENT_SECRET_*` of providers that can revoke'],
      'sign-in': ['those of the clients that sign users in'],
    };
    const held = [...secrets, ...(clientSecrets ? clients[clientSecrets] : [])];
    return row([name, privileges.join(', ') || 'none', held.join(', ') || 'none']);
  });
  return [row(['function', 'privileges', 'secrets']), row(['---', '---', '---']), ...rows].join('\n');
};

export const configurationDoc = (): string => `# Configuration

Made by \`npm run generate\` from \`functions/*/config.ts\`; a test fails when it is not current.

Each function reads its own variables once, when it starts, and refuses to start when one is missing or not of its form;
the error names every fault and repeats no value. **development** settings point a function at stand-ins and are
refused on Google Cloud (where \`K_SERVICE\` is set). **secret** ones come from Secret Manager.

## Variables

${settingsTable()}

\`CLIENT_SECRET_<PROVIDER>\` (secret): the client secret of a provider, its name in capitals and \`-\` as \`_\`; for the
functions that list \`CLIENT_SECRET_*\` below. \`SIGN_IN_CLIENT_SECRET_<PROVIDER>\`, for \`signin\` alone, where \`sign_in\` names a client of its own. Not needed for Microsoft with \`"credential": "federated"\` and for public clients.

## What each function holds

${privilegesTable()}

## Providers

\`PROVIDERS\` is a JSON object, one member per provider; its name is the \`{provider}\` of the paths. Unknown members are refused.

\`\`\`json
{
  "microsoft": { "kind": "microsoft", "client_id": "…", "credential": "federated" },
  "google": { "kind": "google", "client_id": "….apps.googleusercontent.com" },
  "notes": {
    "kind": "oidc",
    "issuer": "https://id.example",
    "client_id": "…",
    "rotation": "strict",
    "integrations": { "notes": { "read": ["notes.read"], "write": ["notes.read", "notes.write"] } }
  }
}
\`\`\`

| member | for | what |
| --- | --- | --- |
| kind | all | \`microsoft\`, \`google\`; \`oidc\`: any other provider with OpenID Connect metadata; \`oauth2\`: any OAuth 2 provider, by its endpoints. Without an id_token nobody says whose account it is: each new authorization counts as another account's |
| client_id | all | of the app registration; its redirect URI is \`{PUBLIC_URL}/v1/callback/{provider}\` |
| endpoints | microsoft, google, oauth2 | \`authorization\`, \`token\`, \`revocation\` (not Microsoft), \`issuer\` (not oauth2; Microsoft's may contain \`{tenantid}\`), \`admin_consent\` (Microsoft): replaces the well-known ones; required for oauth2 |
| sign_in | microsoft, google | users sign in here (sign-in.md): \`{}\` with the same client, or \`{ "client_id": "…" }\` with one of its own; its redirect URI is \`{PUBLIC_URL}/v1/sso/{provider}/callback\` |
| manage_url | all | the page where a user removes a grant; Microsoft and Google have one built in |
| authority | microsoft | \`https://login.microsoftonline.com/common\` by default; a directory's own id accepts only its users, the guests that it has invited (B2B) among them |
| credential | microsoft | \`secret\` (default), or \`federated\`: the function's service account vouches for it, nothing secret is stored |
| issuer | oidc, oauth2 | exactly as its metadata spells it (oauth2: a URL that names it); https, a public address |
| client_authentication | oidc, oauth2 | \`client_secret_basic\` (default), \`client_secret_post\`, \`none\` |
| rotation | oidc, oauth2 | \`strict\` (default), \`tolerant\`, \`stable\`: see refresh.md. A wrong \`stable\` or \`tolerant\` loses connections; \`strict\` is always safe |
| revocation_ends | oidc, oauth2 | what ends at the provider with one revoked refresh token: \`session\` (default; the user's session and all that lives from it, as at Keycloak), \`grant\` (all that the user granted to this client), \`token\` (what came of the same authorization). With \`session\` and \`grant\` the broker revokes only where no other connection has the account; at oauth2, where accounts are not known, only where there is no other connection at all. A wrong \`token\` ends other users' connections |
| pkce | oidc, oauth2 | \`S256\` where the provider supports it and its metadata does not say so; without either the function does not start |
| identity_scopes | oidc, oauth2 | asked for in every flow beside the integration's: \`["openid", "offline_access"]\` by default, none for oauth2 |
| browser | all | the public client of pages that authorize without the broker: \`{ "client_id": "…", "flows": ["browser_code"] }\`. \`flows\` are what an admin can choose beside \`authorization_code\`: \`browser_code\` (not Google, whose web clients need a secret) and \`implicit\`; by default all that the provider supports, without \`implicit\` for oidc and oauth2. At Google best of a project of its own: revoking ends all that a user granted to a project, so users who authorize in the browser while stored connections are being removed may have to do so once more |
| native | all | the public clients of native apps, by platform (\`ios\`, \`android\`, \`desktop\`): \`{ "ios": { "client_id": "…", "redirect_uri": "…" } }\`; claimed https or a reversed domain name as scheme, on a desktop loopback (RFC 8252). Google's Android clients have no \`redirect_uri\`. None of them may be a client that the web uses here |
| prompt | oidc, oauth2 | \`consent\` by default, which \`offline_access\` needs; an empty text sends none |
| wider_scopes | oidc, oauth2 | by scope of \`integrations\`, the scopes that include it, the narrowest first: \`{ "notes.read": ["notes.admin"] }\`. One that was granted is used in its place; none of them is asked for. Microsoft's and Google's are in \`functions/core/catalogue.ts\` |
| integrations | oidc, oauth2 | access levels from the least to the most, each with its scopes; Microsoft's and Google's are in \`functions/core/catalogue.ts\` |
| errors | all | what the provider's error codes mean: see Error codes |

### Error codes

\`errors\` says what codes of a provider's token endpoint mean, where the built-in lists (\`functions/adapters/*/errors.ts\`) do not know it or
mean something else. A code is written exactly as the provider spells it, is read whatever the HTTP status, and has one meaning per entry:

| member | the code means | what the user gets |
| --- | --- | --- |
| dead_grant | the refresh token is dead; it is removed | 409 \`grant_dead\` |
| user_needed | the grant lives, the user has to authorize again | 409 \`user_needed\` |
| organization_forbids | an administrator at the provider forbids it; the token is kept | 409 \`organization_forbids\` |
| operator_must_act | the registration or configuration of the broker is wrong | 503, and ops an alert |

Only list a code as \`dead_grant\` that the provider gives for nothing else: it ends connections. To paste:

\`\`\`json
{
  "atlassian": { "errors": { "dead_grant": ["unauthorized_client"] } },
  "dex": { "errors": { "dead_grant": ["invalid_request"] } },
  "keycloak": { "errors": { "dead_grant": ["invalid_grant/user_disabled"] } },
  "microsoft": { "errors": { "operator_must_act": ["AADSTS650056"] } }
}
\`\`\`

Atlassian says \`unauthorized_client\` (403) and Dex \`invalid_request\` (400) of a dead refresh token. The third line removes the token of a
user whom Keycloak has disabled, instead of keeping it (decision 24). A code may be finer than \`error\`: Entra's number (\`AADSTS50105\`), or
\`error/suberror\` at Microsoft, \`error/error_subtype\` at Google; \`error/*\` stands for any of them.

## Policies

\`DEFAULT_POLICY\` and the documents \`policies/*\` (storage.md) have the form of \`Policy\` in openapi.yaml. Members may be
missing: what is not named is switched on and not read-only; the flow is \`authorization_code\`, at Google \`implicit\`; Search
AI is off. A provider whose flow has no client configured cannot be authorized until an admin chooses another one, or \`DEFAULT_POLICY\` does.
A changed \`DEFAULT_POLICY\` removes nothing that is stored: only an admin's choice does (security.md).

\`\`\`json
{ "providers": { "google": { "flow": "authorization_code", "integrations": { "mail": { "enabled": false }, "files": { "read_only": true } } } } }
\`\`\`

## Rotating the flow keys

\`STATE_*\` and \`COMPLETION_*\` are key sets; the first key signs or seals, any key verifies or opens. Add the new public key to
the verifying and opening sets, deploy; move it to the front of the signing and sealing sets, deploy; after fifteen minutes
take the old one out. \`ACCOUNT_HASH_KEY\` is not rotated: another one makes every account look like a different one.
`;

if (import.meta.main) await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationDoc());
