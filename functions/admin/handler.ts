import {
  type AdministrationDependencies,
  changePolicy,
  previewPolicy,
  providersInUse,
  readPolicy,
  type TaggedPolicy,
} from '../core/administration.ts';
import type { Identity } from '../core/identity.ts';
import type { CompletePolicy } from '../core/policy-form.ts';
import { type Answer, ok } from '../http/answer.ts';
import type { components } from '../http/generated/types.ts';
import { offerBodies } from '../http/offers.ts';
import { type Operation, type Sessions, sessionOperation } from '../http/operation.ts';
import { problem } from '../http/problems.ts';

type AdminConsent = components['schemas']['AdminIntegrations']['providers'][number]['admin_consent'];

export interface AdminDependencies extends AdministrationDependencies {
  /** The role that makes a user an admin of the organization that the session names. */
  readonly role: string;
  /** Where an administrator of the provider's tenant consents for everybody; `undefined` where there is no such thing. */
  adminConsent(provider: string, policy: CompletePolicy): AdminConsent | undefined;
}

export const adminOperations = (sessions: Sessions, dependencies: AdminDependencies): Operation[] => {
  /** S45: nobody else sees, or changes, anything. */
  const refused = ({ roles }: Identity) => (roles.includes(dependencies.role) ? undefined : problem('forbidden'));
  return [
    sessionOperation('policy', sessions, async ({ identity }) => {
      return refused(identity) ?? policyAnswer(await readPolicy(dependencies, identity.tenant));
    }),

    sessionOperation('setPolicy', sessions, async ({ identity, headers, body }) => {
      const refusal = refused(identity);
      if (refusal) return refusal;
      const expected = headers['if-match'];
      if (expected === undefined) return problem('precondition_required');
      // Anything but one strong tag matches nothing.
      const tag = /^"([^"]*)"$/.exec(expected)?.[1] ?? '';
      const outcome = await changePolicy(dependencies, identity, body, tag);
      switch (outcome.kind) {
        case 'changed':
          return policyAnswer(outcome);
        case 'changed_meanwhile':
          return problem('precondition_failed');
        case 'misfit':
          return problem('invalid_request', { detail: outcome.why });
      }
    }),

    sessionOperation('previewPolicy', sessions, async ({ identity, body }) => {
      const refusal = refused(identity);
      if (refusal) return refusal;
      const outcome = await previewPolicy(dependencies, identity.tenant, body);
      if (outcome.kind === 'misfit') return problem('invalid_request', { detail: outcome.why });
      return ok({ providers: outcome.effects });
    }),

    sessionOperation('adminIntegrations', sessions, async ({ identity }) => {
      const refusal = refused(identity);
      if (refusal) return refusal;
      const [found, { policy }] = await Promise.all([
        providersInUse(dependencies, identity.tenant),
        readPolicy(dependencies, identity.tenant),
      ]);
      const providers = found.map(({ profile, integrations, connections, removing }) => {
        const consent = dependencies.adminConsent(profile.name, policy);
        return {
          provider: profile.name,
          kind: profile.kind,
          flows: [...profile.flows],
          integrations: offerBodies(integrations),
          connections,
          removing,
          ...(consent ? { admin_consent: consent } : {}),
        };
      });
      return ok({ providers });
    }),
  ];
};

const policyAnswer = ({ policy, tag }: TaggedPolicy): Answer<CompletePolicy> => {
  const answer = ok(policy);
  return { ...answer, headers: { ...answer.headers, ETag: `"${tag}"` } };
};
