/**
 * A strict OpenID provider on the certified library `oidc-provider`: single-use refresh tokens whose second use ends the
 * grant, PKCE, RFC 7009 revocation, RFC 9207 `iss`. It stands for every provider that the project does not name.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { accountPages } from './account-page.ts';
import { type Account, accounts } from './accounts.ts';
import { contentNames } from './content.ts';
import { controlEndpoint, createControl } from './control.ts';
import { afterTokens, beforeAnswer } from './faults.ts';
import type { Issued } from './ledger.ts';
import { clientNameOf, type Endpoints, type LocalProvider, type ProviderOptions } from './provider.ts';
import { callResource } from './resources.ts';
import { createLibrary } from './strict-library.ts';
import { strictPages, title } from './strict-pages.ts';
import { strictResources } from './strict-resources.ts';
import { StrictStorage } from './strict-storage.ts';
import { initialSwitches, type Switches } from './switches.ts';
import { type Answer, json, listen, send } from './web.ts';

const endpoints = (origin: string): Endpoints => ({
  issuer: origin,
  authorization: `${origin}/auth`,
  token: `${origin}/token`,
  jwks: `${origin}/jwks`,
  discovery: `${origin}/.well-known/openid-configuration`,
  revocation: `${origin}/token/revocation`,
  manage: `${origin}/account`,
});

export const startStrict = async (options: ProviderOptions): Promise<LocalProvider> => {
  const now = options.now ?? Date.now;
  const switches: Switches = structuredClone({ ...initialSwitches, rotation: 'strict' });
  const storage = new StrictStorage(now, switches);
  const counts = {
    authorizations: 0,
    tokenCalls: {} as Record<string, number>,
    turnedAway: 0,
    revocations: 0,
    reuseAlarms: 0,
  };
  const issued: Issued[] = contentNames(accounts).map((value) => ({ kind: 'content', value }));
  const note = (kind: Issued['kind'], value: string) => {
    issued.push({ kind, value });
  };
  const strongGrants = new Set<string>();

  const revokeAccess = ({ subject }: Account) => storage.endGrants(subject);
  const control = createControl(
    'notes',
    switches,
    ['liveRefreshTokens', 'scopeSpelling', 'claimsChallenge', 'issuerSpelling', 'idToken'],
    () => ({ ...counts, liveRefreshTokens: storage.live('RefreshToken').length }),
    {
      'revoke-access': revokeAccess,
      'change-password': () => {},
      'admin-reset': revokeAccess,
      'expire-tokens': (tokens, account) => {
        if (tokens !== 'refresh') storage.expire('AccessToken', account?.subject);
        if (tokens !== 'access') storage.expire('RefreshToken', account?.subject);
      },
    },
    () => issued,
  );

  const { origin, stop } = await listen(options.port ?? 0, (origin) => {
    const provider = createLibrary(origin, options, storage, switches, strongGrants, note);
    provider.on('interaction.started', (_ctx, prompt) => {
      if (prompt.name === 'login') counts.authorizations += 1;
    });
    provider.on('grant.error', (_ctx, error) => {
      if (error.error_detail === 'refresh token already used') counts.reuseAlarms += 1;
    });
    provider.use(async (ctx, next) => {
      // Nobody is signed in when a flow begins, as at the other providers: each one starts with the account page.
      if (ctx.path === '/auth') delete ctx.req.headers.cookie;
      await next();
      const { oidc } = ctx as KoaContextWithOIDC;
      if (oidc?.route === 'revocation') {
        counts.revocations += 1;
        const accountId = oidc.entities.RefreshToken?.accountId;
        if (switches.revocationEnds !== 'token' && accountId !== undefined) storage.endGrants(accountId);
      }
      if (oidc?.route !== 'token') return;
      const grantType = String(oidc.params?.grant_type ?? 'none');
      counts.tokenCalls[grantType] = (counts.tokenCalls[grantType] ?? 0) + 1;
      if (ctx.status !== 200) return;
      ctx.remove('content-type');
      ctx.respond = false;
      send(ctx.res, afterTokens(switches, json(200, ctx.body)));
    });
    const library = provider.callback();
    const interact = strictPages(provider, options, switches, (grantId) => strongGrants.add(grantId));
    const resources = strictResources(provider, options.browserOrigins);
    const accountPage = accountPages(title, clientNameOf(options), () => storage.grants(), revokeAccess);

    /** What the library does not answer. */
    const answer = async (
      request: IncomingMessage,
      response: ServerResponse,
      url: URL,
    ): Promise<Answer | undefined> => {
      const path = url.pathname;
      const controlled = await controlEndpoint(control, request, path);
      if (controlled !== undefined) return controlled;
      const isToken = path === '/token';
      const broken =
        (await beforeAnswer(switches, isToken)) ??
        (isToken && switches.clientSecretExpired ? json(401, { error: 'invalid_client' }) : undefined);
      if (broken !== undefined) {
        if (isToken) counts.turnedAway += 1;
        return broken;
      }
      if (path.startsWith('/interaction/')) return interact(request, response, path);
      return (await accountPage(request, path)) ?? callResource(resources, request, url);
    };

    return async (request, response, url) => {
      const answered = await answer(request, response, url);
      if (answered === undefined) await library(request, response);
      else send(response, answered);
    };
  });

  return { origin, endpoints: endpoints(origin), control, stop };
};
