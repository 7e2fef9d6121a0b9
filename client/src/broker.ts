/** `createBroker`: connect, get tokens, disconnect; the same for every flow that an organization may have chosen. */
import { codeFlow } from './code-flow.ts';
import type { Config, Connected, Connection, Narrowed, Removed, Wanted } from './contract.ts';
import { BrokerError, ConnectRefusedError, type ErrorCode, isConnectRefused, PopupClosedError } from './errors.ts';
import type { FlowContext, Flows, Gone, TokenOptions } from './flow.ts';
import { createIdentity } from './identity.ts';
import { framed, isFramed, openPopup, resultFrom } from './popup.ts';
import { forgetFlows, leaveFor, openChannel, takeResult, wait } from './returned.ts';
import { createCall, type Session } from './session.ts';
import { until } from './until.ts';

export type BrokerOptions = Session & {
  /** The broker's origin; empty where it is this page's. */
  readonly baseUrl: string;
  /** The bridge page, exactly as it is registered with the broker (for browser-only flows with the provider, too). */
  readonly returnTo: string;
  /** Where access tokens are kept: `memory` by default. Browser-only flows always keep theirs in the session storage. */
  readonly storage?: 'memory' | 'session';
  /** `browserOnly`, for organizations that choose it for a provider. */
  readonly flows?: Flows;
};

export type ConnectOptions = Wanted & {
  readonly provider: string;
  /** `popup` by default: call `connect` in the click itself, before any `await`. */
  readonly mode?: 'popup' | 'redirect' | undefined;
  /** A claims challenge, as the provider's API or an `AuthorizationRequiredError` gave it. */
  readonly claims?: string | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The popup seems to be closed, and this page has the focus. Only a hint, and the result is still waited for: behind a
   * provider's Cross-Origin-Opener-Policy an open window looks the same. Offer to cancel (`signal`).
   */
  readonly onPopupClosed?: (() => void) | undefined;
};

/** Every method throws `BrokerError` and its kinds. */
export interface Broker {
  /** Sends the user through the provider's consent. With `mode: 'redirect'` the page is left: see `handleRedirect`. */
  connect(options: ConnectOptions): Promise<Connected>;
  /** Finishes what `mode: 'redirect'` began: call it on every page load, first thing. `undefined`: nothing came back. */
  handleRedirect(): Promise<Connected | undefined>;
  /** A token that is good now, for calls from this page to the provider's API. */
  getAccessToken(options: TokenOptions): Promise<string>;
  connections(): Promise<readonly Connection[]>;
  /** `undefined`: there was nothing. */
  disconnect(options: { readonly provider: string; readonly integration?: never }): Promise<Removed | undefined>;
  /** Gives up one integration; the last one disconnects. */
  disconnect(options: { readonly provider: string; readonly integration: string }): Promise<Narrowed | undefined>;
  /** What the organization has switched on, and how it is authorized. */
  config(): Promise<Config>;
  /** Something changed, here or in another tab: what is shown may be out of date. @returns ends it */
  on(event: 'change', listener: () => void): () => void;
  /** The user leaves: forgets every token, in every tab. Call it when the host product's session ends. */
  signOut(): void;
}

export const createBroker = (options: BrokerOptions): Broker => {
  const { baseUrl, returnTo, storage, flows } = options;
  const identity = createIdentity(baseUrl, options);
  const call = createCall(baseUrl, options, identity.userOf);
  const config = async (as?: string) => {
    const answer = await call<Config>('GET', '/config', undefined, as);
    identity.learn(answer.session);
    return answer;
  };
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const context: FlowContext = { baseUrl, returnTo, user: identity.user, config, changed };
  const code = codeFlow(context, call, storage === 'session');
  const flow = flows ? flows(context, code) : code;

  // Other tabs learn that something changed, and no secret.
  const tabs = openChannel(`token-broker:${baseUrl}`);
  const forget = (gone: Gone) => {
    flow.forget(gone);
    if (gone === '*') forgetFlows();
    changed();
  };
  if (tabs) tabs.onmessage = ({ data }) => forget(data);
  const announce = (gone: Gone) => {
    tabs?.postMessage(gone);
    forget(gone);
  };

  const finish = async (provider: string, kept: string, text: string): Promise<Connected> => {
    const result = new URLSearchParams(text);
    const error = result.get('error');
    // Whoever wrote the address wrote this.
    if (error) {
      const code = /^[a-z_]{1,40}$/.test(error) ? (error as ErrorCode) : 'provider_error';
      throw new (isConnectRefused(code) ? ConnectRefusedError : BrokerError)({ code });
    }
    const connected = await flow.finish(provider, kept, result);
    announce('');
    return connected;
  };

  /** Those whose provider's page is still to come, by what they ask for. */
  const leaving = new Map<string, Promise<Connected>>();
  /** @param left the provider's page is on its way */
  const connect = async (options: ConnectOptions, left: () => void): Promise<Connected> => {
    const { provider, mode, signal, onPopupClosed, ...request } = options;
    // Providers' pages are in no frame.
    if (mode === 'redirect' && isFramed()) throw framed();
    const [popup, access] = mode === 'redirect' ? [] : await openPopup();
    try {
      const begun = await until(flow.begin({ provider, ...request }), signal);
      const { authorization_url: url, flow_id: id, flow: kept } = begun;
      if (!popup) {
        // Without storage nothing could finish the flow.
        if (!wait(id, { provider, flow: kept, page: location.href })) throw new BrokerError({ code: 'storage_denied' });
        return await until(leaveFor(url), signal);
      }
      if (popup.closed) throw new PopupClosedError({ code: 'popup_closed' });
      const coming = resultFrom(popup, id, begun.expires_in, { signal, onPopupClosed, access });
      popup.location.replace(url);
      left();
      return await finish(provider, kept, await coming);
    } finally {
      popup?.close();
    }
  };

  return {
    async connect(options) {
      const { signal, onPopupClosed: _, ...asked } = options;
      const key = JSON.stringify(asked);
      // A double click is one wish.
      const shared = leaving.get(key);
      if (shared) return until(shared, signal);
      const left = () => leaving.delete(key);
      const connecting = connect(options, left);
      leaving.set(key, connecting);
      return connecting.finally(left);
    },

    async handleRedirect() {
      const back = takeResult();
      if (!back) return undefined;
      const { waiting, result } = back;
      if (!waiting) throw new BrokerError({ code: 'invalid_state' });
      return finish(waiting.provider, waiting.flow, result);
    },

    getAccessToken: flow.token,
    connections: flow.connections,

    async disconnect({ provider, integration }: { readonly provider: string; readonly integration?: string }) {
      const removed = await flow.remove(provider, integration);
      // The last integration takes the connection with it.
      announce(integration && !(removed as Narrowed | undefined)?.removed ? '' : provider);
      // One of the two, by whether an integration was given.
      return removed as never;
    },

    config: () => config(),
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signOut: () => announce('*'),
  };
};
