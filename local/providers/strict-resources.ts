/** The one resource of the strict provider. */
import type Provider from 'oidc-provider';
import { accountBySubject } from './accounts.ts';
import { notesOf } from './content.ts';
import type { ResourceServer } from './resources.ts';
import { json } from './web.ts';

const challenged = (status: number, error: string, more = '') =>
  json(status, { error }, { 'www-authenticate': `Bearer error="${error}"${more}` });

export const strictResources = (provider: Provider, browserOrigins: readonly string[]): ResourceServer => ({
  browserOrigins,
  find: async (value) => {
    const token = await provider.AccessToken.find(value);
    const account = accountBySubject(token?.accountId);
    return token && account ? { account, scopes: [...token.scopes], claims: [] } : undefined;
  },
  unauthorized: () => challenged(401, 'invalid_token'),
  forbidden: ({ scopes }) => challenged(403, 'insufficient_scope', `, scope="${scopes.join(' ')}"`),
  apis: [
    {
      path: '/me/notes',
      scopes: ['notes.read', 'notes.write'],
      answer: ({ access }) => json(200, { notes: notesOf(access.account) }),
    },
  ],
});
