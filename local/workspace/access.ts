/**
 * How the broker's service account gets to the directory: the metadata server gives it a token, the IAM Credentials API
 * signs an assertion for it, and the token endpoint checks that as Google does.
 */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { createSigner } from '../providers/signing.ts';
import { type Answer, json, readForm, readJson } from '../providers/web.ts';
import type { WorkspaceSwitches } from './switches.ts';

const SCOPES = ['user', 'group', 'group.member', 'domain'].map(
  (name) => `https://www.googleapis.com/auth/admin.directory.${name}.readonly`,
);
const TOKEN_SECONDS = 3600;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Grant {
  readonly administrator: string;
  readonly scopes: readonly string[];
  readonly until: number;
}

export interface Access {
  metadata(request: IncomingMessage): Answer;
  signJwt(request: IncomingMessage, account: string): Promise<Answer>;
  token(request: IncomingMessage): Promise<Answer>;
  /** Who a request acts for, if its token is good for the scope. */
  actsFor(request: IncomingMessage, scope: string): { administrator: string } | Answer;
  /** Tokens that were handed out are good for nothing any more. */
  forget(): void;
  /** The assertions that were exchanged: their claims. */
  readonly assertions: readonly Readonly<Record<string, unknown>>[];
  /** Tokens that were handed out: they must be nowhere afterwards. */
  readonly issued: readonly string[];
}

const refused = (status: number, reason: string, message: string): Answer =>
  json(status, { error: { code: status, message, errors: [{ domain: 'global', reason, message }] } });

export const createAccess = (given: {
  readonly account: string;
  readonly administrators: ReadonlySet<string>;
  readonly switches: WorkspaceSwitches;
  readonly tokenUrl: string;
}): Access => {
  const signer = createSigner();
  const keys = createLocalJWKSet(signer.keys as JSONWebKeySet);
  const own = new Set<string>();
  const grants = new Map<string, Grant>();
  const assertions: Record<string, unknown>[] = [];
  const issued: string[] = [];
  const bearerOf = (request: IncomingMessage) => /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const fresh = (prefix: string) => {
    const token = `${prefix}.${randomBytes(24).toString('base64url')}`;
    issued.push(token);
    return token;
  };

  return {
    assertions,
    issued,
    forget: () => grants.clear(),

    metadata(request) {
      if (request.headers['metadata-flavor'] !== 'Google') return json(403, { error: 'Missing Metadata-Flavor' });
      const token = fresh('own');
      own.add(token);
      return json(
        200,
        { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' },
        { 'metadata-flavor': 'Google' },
      );
    },

    async signJwt(request, account) {
      if (!own.has(bearerOf(request))) return refused(401, 'UNAUTHENTICATED', 'No valid credentials.');
      if (account !== given.account)
        return refused(403, 'IAM_PERMISSION_DENIED', 'iam.serviceAccounts.signJwt denied.');
      const { payload } = (await readJson(request)) as { payload?: unknown };
      const claims = JSON.parse(String(payload));
      if (!(claims.exp - Date.now() / 1000 < 12 * 3600))
        return refused(400, 'INVALID_ARGUMENT', 'exp is too far away.');
      return json(200, { keyId: 'local', signedJwt: await signer.sign(claims) });
    },

    async token(request) {
      const form = await readForm(request);
      const error = (code: string) => json(400, { error: code, error_description: 'Refused.' });
      if (form.get('grant_type') !== GRANT) return error('unsupported_grant_type');
      const verified = await jwtVerify(form.get('assertion') ?? '', keys, {
        audience: given.tokenUrl,
        issuer: given.account,
        maxTokenAge: TOKEN_SECONDS,
      }).catch(() => undefined);
      const { sub = '', scope, iat = 0, exp = 0 } = verified?.payload ?? {};
      if (!verified || exp - iat > TOKEN_SECONDS) return error('invalid_grant');
      const scopes = String(scope).split(' ');
      // What an administrator approved, and no other scope with it.
      if (!given.switches.delegation || !scopes.every((each) => SCOPES.includes(each)))
        return error('unauthorized_client');
      if (!given.administrators.has(sub)) return error('invalid_grant');
      assertions.push({ ...verified.payload });
      const token = fresh('delegated');
      grants.set(token, { administrator: sub, scopes, until: Date.now() + TOKEN_SECONDS * 1000 });
      return json(200, { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' });
    },

    actsFor(request, scope) {
      const grant = grants.get(bearerOf(request));
      if (!grant || grant.until < Date.now()) return refused(401, 'authError', 'Invalid Credentials');
      if (!grant.scopes.includes(`https://www.googleapis.com/auth/${scope}`)) {
        return refused(403, 'insufficientPermissions', 'Insufficient Permission');
      }
      return { administrator: grant.administrator };
    },
  };
};
