/**
 * What a provider's error code can mean:
 * - `dead_grant`: the grant is over, and its refresh token is removed;
 * - `user_needed`: the grant lives, and the user has to authorize again;
 * - `organization_forbids`: an administrator at the provider does not allow it; the grant may work again later;
 * - `operator_must_act`: the broker's own registration or configuration is wrong.
 */
export const ERROR_CLASSES = ['dead_grant', 'user_needed', 'organization_forbids', 'operator_must_act'] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** What a configuration says: by code, exactly as the provider spells it. It goes before the kind's own list. */
export type ConfiguredErrors = ReadonlyMap<string, ErrorClass>;
