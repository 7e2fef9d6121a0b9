/** The page where a user sees which apps have access to an account, and takes it back. */
import type { IncomingMessage } from 'node:http';
import { type Account, accountOf } from './accounts.ts';
import { type Access, managePage } from './pages.ts';
import { type Answer, foreignPage, html, isForeign, readForm, redirect } from './web.ts';

const REMOVE = '/account/remove';

/** Serves `/account` and its form; `undefined` for any other path. */
export const accountPages =
  (title: string, client: string, grants: () => readonly Access[], remove: (account: Account) => void) =>
  async (request: IncomingMessage, path: string): Promise<Answer | undefined> => {
    switch (`${request.method} ${path}`) {
      case 'GET /account':
        return html(200, managePage({ provider: title, action: REMOVE, fields: {} }, client, grants()));
      case `POST ${REMOVE}`: {
        if (isForeign(request)) return foreignPage;
        const account = accountOf((await readForm(request)).get('account'));
        if (account !== undefined) remove(account);
        return redirect('/account');
      }
      default:
        return undefined;
    }
  };
