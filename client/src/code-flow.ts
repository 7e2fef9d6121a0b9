/** The authorization code flow through the broker, which keeps the refresh token. */
import type { AuthorizeAnswer, Connected, Connection, Narrowed, Removed } from './contract.ts';
import type { Flow, FlowContext } from './flow.ts';
import type { Call } from './session.ts';
import { createTokens } from './tokens.ts';

export const codeFlow = (context: FlowContext, call: Call, isStored: boolean): Flow => {
  const tokens = createTokens(context, call, isStored);
  return {
    begin: ({ provider, ...request }) =>
      call<AuthorizeAnswer>('POST', `/connections/${provider}/authorize`, { ...request, return_to: context.returnTo }),
    finish: (provider, flow, result) =>
      call<Connected>('POST', `/connections/${provider}/complete`, { ticket: result.get('ticket'), flow }),
    token: tokens.get,
    connections: async () => (await call<{ connections: Connection[] }>('GET', '/connections')).connections,
    remove: (provider, integration) =>
      call<Removed | Narrowed | undefined>(
        'DELETE',
        `/connections/${provider}${integration ? `/integrations/${integration}` : ''}`,
      ),
    forget: (gone) => tokens.forget(gone === '*'),
  };
};
