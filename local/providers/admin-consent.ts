/**
 * Microsoft's admin consent: an administrator allows an app for everybody in the directory.
 * Source: "Admin consent on the Microsoft identity platform".
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Account, accountOf, accounts } from './accounts.ts';
import type { Dialect, Running } from './dialect.ts';
import { accountPage, consentPage, messagePage } from './pages.ts';
import { clientNameOf } from './provider.ts';
import { Refused } from './refusals.ts';
import { type Answer, foreignPage, html, isForeign, readForm, redirect, withQuery } from './web.ts';

const FORM = '/adminconsent';

interface Request {
  readonly realm: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  account?: Account;
}

/** Serves `/{tenant}/v2.0/adminconsent` and its form; `undefined` for any other path. */
export const adminConsentPages = (dialect: Dialect, { ledger, options }: Running) => {
  const requests = new Map<string, Request>();
  const refuse = (text: string) => html(400, messagePage(dialect.title, 'Admin consent is not possible', text));

  const begin = (realm: string, parameters: URLSearchParams): Answer => {
    const redirectUri = parameters.get('redirect_uri') ?? '';
    const registered = [...options.redirectUris, ...(options.browserRedirectUris ?? [])];
    if (parameters.get('client_id') !== options.client.id) return refuse('The app is not registered.');
    if (!registered.includes(redirectUri)) return refuse('The redirect URI is not registered.');
    // A personal account has no directory.
    if (realm === 'common' || realm === 'consumers') return refuse('Name a directory, or organizations.');
    try {
      const scopes = dialect.scopes(parameters.get('scope') ?? '');
      const directory = dialect.accounts(realm);
      const id = randomUUID();
      requests.set(id, { realm, redirectUri, scopes, state: parameters.get('state') ?? undefined });
      return html(200, accountPage({ provider: dialect.title, action: FORM, fields: { request: id } }, directory));
    } catch (error) {
      if (error instanceof Refused) return refuse(error.refusal);
      throw error;
    }
  };

  const submit = (form: URLSearchParams): Answer => {
    const id = form.get('request') ?? '';
    const request = requests.get(id);
    if (!request) return refuse('This page is no longer valid. Start again from the app.');
    const { redirectUri, state, scopes, realm } = request;
    const decision = form.get('decision');
    if (decision === 'deny') {
      requests.delete(id);
      const text = 'AADSTS65004: The administrator declined the request.';
      return redirect(withQuery(redirectUri, { error: 'access_denied', error_description: text, state }));
    }
    if (decision === 'allow' && request.account) {
      requests.delete(id);
      const { tenantId: tenant } = request.account;
      for (const each of accounts) if (each.tenantId === tenant) ledger.addConsent(each, scopes);
      return redirect(withQuery(redirectUri, { admin_consent: 'True', tenant, state, scope: scopes.join(' ') }));
    }
    const account = accountOf(form.get('account'));
    if (!account || !dialect.accounts(realm).includes(account)) return refuse('There is no such account.');
    request.account = account;
    return html(
      200,
      consentPage(
        { provider: dialect.title, action: FORM, fields: { request: id } },
        {
          account,
          client: `${clientNameOf(options)}, for everybody in your organization,`,
          destination: new URL(redirectUri).origin,
          describe: dialect.describe,
          fixed: [],
          fresh: scopes,
          granular: false,
        },
      ),
    );
  };

  return async (message: IncomingMessage, url: URL): Promise<Answer | undefined> => {
    const realm = /^\/([^/]+)\/v2\.0\/adminconsent$/.exec(url.pathname)?.[1];
    if (message.method === 'GET' && realm !== undefined) return begin(realm, url.searchParams);
    if (message.method !== 'POST' || url.pathname !== FORM) return undefined;
    return isForeign(message) ? foreignPage : submit(await readForm(message));
  };
};
