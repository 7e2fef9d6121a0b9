/**
 * For organizations that chose a browser-only flow for a provider: the token goes from the provider to this tab's session
 * storage, and no server sees it. There is no refresh token: when it is over, the user authorizes again.
 *
 *     createBroker({ ..., flows: browserOnly })
 */
import { createAuthorization, type Kept } from './browser-only/authorization.ts';
import { createConfiguration } from './browser-only/configuration.ts';
import { createGrants, type Grant, isGood } from './browser-only/grants.ts';
import { askFor, carried, integrationsOf, missingAfter, missingOf, without } from './browser-only/offers.ts';
import type { AuthorizationReason, Connection, ProviderOffer, Wanted } from './contract.ts';
import { AuthorizationRequiredError, BrokerError, IntegrationDisabledError, SessionRequiredError } from './errors.ts';
import type { Flow, Flows } from './flow.ts';

/** A token is not handed out for its last seconds. */
const MARGIN_SECONDS = 10;

export const browserOnly: Flows = (context, code) => {
  const grants = createGrants(context.baseUrl, context.changed);
  const authorization = createAuthorization(context.returnTo);
  const configuration = createConfiguration(context);

  const isOurs = ({ flow }: ProviderOffer) => flow === 'implicit' || flow === 'browser_code';
  /** `undefined`: the broker's own flow serves the provider, or refuses. */
  const offerOf = async (provider: string, config = configuration.get()): Promise<ProviderOffer | undefined> =>
    (await config).providers.find((each) => each.provider === provider && isOurs(each));

  /** Asks the one that serves the provider; once more where the organization has just switched. */
  const either = async <T>(
    provider: string,
    ours: (offer: ProviderOffer) => Promise<T>,
    theirs: () => Promise<T>,
    config = configuration.get(),
  ): Promise<T> => {
    const offer = await offerOf(provider, config);
    if (offer) return ours(offer);
    return theirs().catch(async (error) => {
      const switched = error.code === 'browser_only_flow' ? await offerOf(provider, configuration.fresh()) : undefined;
      if (!switched) throw error;
      return ours(switched);
    });
  };

  const connectionOf = (offer: ProviderOffer, grant: Grant): Connection => ({
    provider: offer.provider,
    ...(isGood(grant) ? { state: 'active' } : { state: 'authorize_again', reason: 'grant_dead' }),
    integrations: integrationsOf(offer, grant.scopes),
    scopes: [...grant.scopes],
    connected_at: grant.connectedAt,
    updated_at: grant.updatedAt,
  });

  const tokenFrom: (offer: ProviderOffer, options: Parameters<Flow['token']>[0]) => Promise<string> = async (
    offer,
    { provider, forceRefresh, claims, signal: _, ...asked },
  ) => {
    const user = await context.user();
    const grant = grants.all(user)[provider];
    const wanted: Wanted = 'scopes' in asked ? asked : { integrations: [asked.integration] };
    const missing = missingOf(offer, wanted, grant?.scopes ?? [], grant?.withheld);
    if (!missing) throw new IntegrationDisabledError({ code: 'integration_disabled' });
    const refuse = (reason: AuthorizationReason, missing_scopes: readonly string[] = []) =>
      new AuthorizationRequiredError(
        { code: 'authorization_required', provider, reason, claims, missing_scopes },
        asked,
      );
    if (!grant) throw refuse('no_connection');
    if (grant.token && (claims || forceRefresh === true || forceRefresh === grant.token)) {
      // The API refused it: logged out, changed password, taken back. Nothing here could get another.
      grants.set(user, provider, { ...grant, token: '' });
      context.changed();
      throw refuse(claims ? 'user_needed' : 'grant_dead');
    }
    if (!isGood(grant)) throw refuse('grant_dead');
    if (missing[0]) throw refuse('scope_not_granted', missing);
    return grant.token;
  };

  return {
    async begin(request) {
      const { provider, claims } = request;
      const ours = async (offer: ProviderOffer) => {
        const user = await context.user();
        const grant = grants.all(user)[provider];
        const scopes = askFor(offer, request, grant?.scopes ?? [], grant?.withheld);
        if (!scopes) throw new IntegrationDisabledError({ code: 'integration_disabled' });
        return authorization.begin(offer, user, scopes, claims);
      };
      // What is asked for in a click is asked by today's policy.
      return either(provider, ours, () => code.begin(request), configuration.fresh());
    },

    async finish(provider, flow, result) {
      // What the broker sealed is no JSON.
      if (!flow.startsWith('{')) return code.finish(provider, flow, result);
      const kept: Kept = JSON.parse(flow);
      const user = await context.user();
      if (user !== kept.user) throw new SessionRequiredError({ code: 'session_mismatch' });
      const offer = await offerOf(provider);
      if (!offer) throw new BrokerError({ code: 'invalid_state' });
      const asked = Date.now();
      const { token, seconds, scope } = await authorization.finish(offer, kept, result);
      const scopes = carried(offer, kept.scopes, scope?.split(/[\s,]+/));
      const now = new Date(asked).toISOString();
      const connectedAt = grants.all(user)[provider]?.connectedAt ?? now;
      const goodUntil = asked + (seconds - Math.min(MARGIN_SECONDS, seconds / 10)) * 1000;
      const withheld = kept.scopes.filter((each) => !scopes.includes(each));
      grants.set(user, provider, { token, goodUntil, scopes, withheld, connectedAt, updatedAt: now });
      return {
        provider,
        integrations: integrationsOf(offer, scopes),
        scopes,
        missing_scopes: missingAfter(offer, kept.scopes, scopes),
        account_replaced: false,
      };
    },

    token: (options) =>
      either(
        options.provider,
        (offer) => tokenFrom(offer, options),
        () => code.token(options),
      ),

    async connections() {
      const [{ providers }, user, remote] = await Promise.all([
        configuration.get(),
        context.user(),
        code.connections(),
      ]);
      const held = grants.all(user);
      const local = providers.filter(isOurs).map((offer) => ({ offer, grant: held[offer.provider] }));
      return [
        ...remote.filter(({ provider }) => !local.some(({ offer }) => offer.provider === provider)),
        ...local.flatMap(({ offer, grant }) => (grant ? connectionOf(offer, grant) : [])),
      ];
    },

    remove: (provider, integration) =>
      either(
        provider,
        async (offer) => {
          const user = await context.user();
          const grant = grants.all(user)[provider];
          if (!grant) return undefined;
          const { manage_url } = offer;
          const removed = { provider, revocation: 'impossible' as const, ...(manage_url && { manage_url }) };
          const scopes = integration ? without(offer, integration, grant.scopes) : [];
          if (!scopes[0]) grants.forget(provider);
          else grants.set(user, provider, { ...grant, scopes });
          if (!integration) return removed;
          return { provider, integrations: integrationsOf(offer, scopes), scopes, ...(!scopes[0] && { removed }) };
        },
        () => code.remove(provider, integration),
      ),

    forget(gone) {
      code.forget(gone);
      if (gone === '*') configuration.forget();
      if (gone) grants.forget(gone === '*' ? undefined : gone);
    },
  };
};
