/** The strict provider's account and consent pages: the library's interactions, answered by this project's own forms. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { accountBySubject, accountOf, accounts } from './accounts.ts';
import { accountPage, consentPage, messagePage, type Step } from './pages.ts';
import { clientNameOf, type ProviderOptions } from './provider.ts';
import type { Switches } from './switches.ts';
import { type Answer, foreignPage, html, isForeign, readForm, redirect } from './web.ts';

export const title = 'Notes';
export const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Sign you in',
  email: 'See your email address',
  offline_access: 'Keep access while you are away',
  'notes.read': 'Read your notes',
  'notes.write': 'Write your notes',
};
const isIdentityScope = (scope: string) => !scope.startsWith('notes.');

export const strictPages = (
  provider: Provider,
  options: ProviderOptions,
  switches: Switches,
  onStrongGrant: (grantId: string) => void,
) => {
  const show = async (request: IncomingMessage, response: ServerResponse, step: Step): Promise<Answer> => {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') return html(200, accountPage(step, accounts));
    const account = accountBySubject(session?.accountId);
    if (account === undefined) return html(400, messagePage(title, 'No account', 'Start again from the app.'));
    const scopes = String(params.scope).split(' ');
    return html(
      200,
      consentPage(step, {
        account,
        client: clientNameOf(options),
        destination: new URL(String(params.redirect_uri)).origin,
        describe: (scope) => scopeTexts[scope] ?? scope,
        fixed: scopes.filter(isIdentityScope),
        fresh: scopes.filter((scope) => !isIdentityScope(scope)),
        granular: true,
      }),
    );
  };

  /** Every consent is a grant of its own: what was withheld once can be granted the next time. */
  const saveGrant = async (
    holder: { readonly accountId: string; readonly clientId: string },
    scopes: readonly string[],
    ticked: readonly string[],
  ) => {
    const grant = new provider.Grant(holder);
    const isGranted = (scope: string) =>
      isIdentityScope(scope) || (ticked.includes(scope) && !switches.withheldScopes.includes(scope));
    grant.addOIDCScope(scopes.filter(isGranted));
    grant.rejectOIDCScope(scopes.filter((scope) => !isGranted(scope)));
    const grantId = await grant.save();
    if (switches.mfaRequired) onStrongGrant(grantId);
    return grantId;
  };

  const submit = async (request: IncomingMessage, response: ServerResponse): Promise<Answer> => {
    const form = await readForm(request);
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const finish = async (result: Parameters<typeof provider.interactionResult>[2]) =>
      redirect(await provider.interactionResult(request, response, result));
    if (form.get('decision') === 'deny')
      return finish({ error: 'access_denied', error_description: 'The user cancelled.' });
    if (prompt.name === 'login') {
      const account = accountOf(form.get('account'));
      return account === undefined
        ? html(400, messagePage(title, 'No such account', 'Go back and choose an account.'))
        : finish({ login: { accountId: account.subject } });
    }
    const scopes = String(params.scope).split(' ');
    const holder = { accountId: String(session?.accountId), clientId: String(params.client_id) };
    return finish({ consent: { grantId: await saveGrant(holder, scopes, form.getAll('scope')) } });
  };

  /** `/interaction/<id>`. */
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<Answer> => {
    const step = { provider: title, action: path, fields: {} };
    try {
      if (request.method === 'GET') return await show(request, response, step);
      return isForeign(request) ? foreignPage : await submit(request, response);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'SessionNotFound')) throw error;
      return html(400, messagePage(title, 'This page is no longer valid', 'Start again from the app.'));
    }
  };
};
