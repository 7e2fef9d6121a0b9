/** Every function that is deployed. */
import { routes } from '../../functions/http/generated/routes.ts';

/** Those that no route of openapi.yaml leads to: called by a schedule or an event. */
const WITHOUT_ROUTE: readonly string[] = [];

export const FUNCTIONS: readonly string[] = [
  ...new Set([...Object.values(routes).map((route) => route.function), ...WITHOUT_ROUTE]),
];
