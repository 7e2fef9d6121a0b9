import { createForgery } from '../adapters/forgeries.ts';
import { createTokenRoute } from '../adapters/token-route.ts';
import { getBy, httpOf, outgoingOf, schedulerOf } from '../config/compose.ts';
import { load } from '../config/load.ts';
import { prepareHost } from '../http/host.ts';
import { serve } from '../http/operation.ts';
import { needs } from './config.ts';
import { probeOperation } from './handler.ts';

const config = load(needs.settings, process.env);
const http = httpOf(config);
prepareHost(http.observe);
const outgoing = outgoingOf(config);

export const probe = serve(
  http,
  probeOperation(schedulerOf(config, outgoing), {
    forge: createForgery(
      {
        issuer: config.sessionIssuer,
        audience: config.sessionAudience,
        audienceClaim: config.audienceClaim,
        claims: { user: config.userClaim, tenant: config.tenantClaim, roles: '' },
        tenant: config.fixedTenant,
        tenants: config.tenants,
        keysUrl: config.sessionKeysUrl,
      },
      getBy(outgoing),
    ),
    ask: createTokenRoute(config.publicUrl, outgoing),
    observe: http.observe,
  }),
);
