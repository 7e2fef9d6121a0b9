import { deleteAccount } from '../core/disconnect.ts';
import type { Owner } from '../core/identity.ts';
import type { ProviderProfile } from '../core/provider.ts';
import { noContent, ok } from '../http/answer.ts';
import { type Operation, type Services, type Sessions, serviceOperation, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';
import { removedBody } from '../http/removed.ts';

export interface AccountDependencies {
  readonly deletion: Parameters<typeof deleteAccount>[0];
  readonly profiles: ReadonlyMap<string, ProviderProfile>;
  /** Ends the user's sessions and forgets how they signed in, where users sign in here. Throws `Unavailable`. */
  readonly forgetSignIn: (owner: Owner) => Promise<void>;
  /** Forgets the documents that the user's answers have cited, where there is Search AI. Throws `Unavailable`. */
  readonly forgetAnswers: (owner: Owner) => Promise<void>;
}

/** For the user, with the session. */
export const deleteAccountOperation = (sessions: Sessions, dependencies: AccountDependencies): Operation =>
  sessionOperation('deleteAccount', sessions, ({ identity }) => forget(dependencies, identity));

/** For the host product's backend, within its own tenant. */
export const deleteUserOperation = (services: Services, dependencies: AccountDependencies): Operation =>
  serviceOperation('deleteUser', services, async ({ service, path: { tenant, user } }) =>
    service.tenant === tenant ? forget(dependencies, { tenant, user }) : problem('forbidden'),
  );

const forget = async (dependencies: AccountDependencies, owner: Owner) => {
  const { deletion, profiles, forgetSignIn, forgetAnswers } = dependencies;
  // At once: none waits for what the others remove, and a repeated call goes on with all.
  const [ended] = await Promise.all([deleteAccount(deletion, owner), forgetSignIn(owner), forgetAnswers(owner)]);
  return ended.length > 0 ? ok({ removed: ended.map((each) => removedBody(profiles, each)) }) : noContent();
};
