/** Runs a simulated provider: its dialect, the endpoints, the pages, the resources, the control endpoint, one port. */
import type { IncomingMessage } from 'node:http';
import { accountPages } from './account-page.ts';
import { accounts } from './accounts.ts';
import { authorizationEndpoint } from './authorization-endpoint.ts';
import { contentNames } from './content.ts';
import { controlEndpoint, createControl, type Happenings } from './control.ts';
import type { Dialect, Route, Running } from './dialect.ts';
import { beforeAnswer } from './faults.ts';
import { Ledger } from './ledger.ts';
import { clientNameOf, type Endpoints, type LocalProvider, type ProviderOptions } from './provider.ts';
import { callResource, type ResourceServer } from './resources.ts';
import { createSigner } from './signing.ts';
import { initialSwitches, type Switches } from './switches.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { type Answer, foreignPage, isForeign, json, listen, readForm, send } from './web.ts';

export interface Setup {
  readonly dialect: Dialect;
  readonly switches: Partial<Switches>;
  /** Switches without effect here. */
  readonly inert: readonly (keyof Switches)[];
  endpoints(origin: string): Endpoints;
  happenings(ledger: Ledger): Happenings;
  resources(running: Running): Omit<ResourceServer, 'browserOrigins' | 'find'>;
  /** Pages of the provider's own kind. */
  pages?(running: Running): (request: IncomingMessage, url: URL) => Promise<Answer | undefined>;
  /** RFC 7009, where there is such an endpoint. */
  revoke?(form: URLSearchParams, running: Running): Answer;
}

export const startAuthorizationServer = async (options: ProviderOptions, setup: Setup): Promise<LocalProvider> => {
  const { dialect } = setup;
  const now = options.now ?? Date.now;
  const switches: Switches = structuredClone({ ...initialSwitches, ...setup.switches });
  const ledger = new Ledger(now, dialect.marks, dialect.idleSeconds);
  for (const value of contentNames(accounts)) ledger.note('content', value);
  const counts = { authorizations: 0, tokenCalls: {}, turnedAway: 0, revocations: 0 };
  const happenings = setup.happenings(ledger);
  const control = createControl(
    dialect.name,
    switches,
    setup.inert,
    () => ({ ...counts, reuseAlarms: ledger.reuseAlarms, liveRefreshTokens: ledger.liveRefreshTokens().length }),
    happenings,
    () => ledger.issued(),
  );
  const signer = createSigner();

  const { origin, stop } = await listen(options.port ?? 0, (origin) => {
    const endpoints = setup.endpoints(origin);
    const running: Running = { options, endpoints, ledger, switches, signer, now, counts };
    const authorization = authorizationEndpoint(dialect, running);
    const token = tokenEndpoint(dialect, running);
    const resources: ResourceServer = {
      ...setup.resources(running),
      browserOrigins: options.browserOrigins,
      find: async (value) => ledger.accessToken(value),
    };

    const accountPage = accountPages(
      dialect.title,
      clientNameOf(options),
      () => ledger.consents(),
      happenings['revoke-access'],
    );
    const ownPage = setup.pages?.(running);
    const page = async (request: IncomingMessage, url: URL): Promise<Answer | undefined> => {
      if (request.method !== 'POST' || url.pathname !== '/consent') {
        return (await accountPage(request, url.pathname)) ?? ownPage?.(request, url);
      }
      return isForeign(request) ? foreignPage : authorization.submit(await readForm(request));
    };

    const protocol = async (request: IncomingMessage, url: URL, route: Route): Promise<Answer | undefined> => {
      const method = route.to === 'token' || route.to === 'revoke' ? 'POST' : 'GET';
      if (request.method !== method) return json(405, { error: 'invalid_request' }, { allow: method });
      switch (route.to) {
        case 'authorize':
          return authorization.authorize(url.searchParams, route.realm);
        case 'token':
          return token(request, route.realm);
        case 'revoke':
          counts.revocations += 1;
          return setup.revoke?.(await readForm(request), running);
        case 'document':
          return dialect.document(url.pathname, route.realm, running);
      }
    };

    const answer = async (request: IncomingMessage, url: URL): Promise<Answer | undefined> => {
      const controlled = await controlEndpoint(control, request, url.pathname);
      if (controlled !== undefined) return controlled;
      const route = dialect.route(url.pathname);
      const broken = await beforeAnswer(switches, route?.to === 'token');
      if (broken !== undefined) {
        if (route?.to === 'token') counts.turnedAway += 1;
        return broken;
      }
      if (route !== undefined) return protocol(request, url, route);
      return (await page(request, url)) ?? callResource(resources, request, url);
    };

    return async (request, response, url) => {
      send(response, (await answer(request, url)) ?? json(404, { error: 'not_found' }));
    };
  });

  return { origin, endpoints: setup.endpoints(origin), control, sign: signer.sign, stop };
};
