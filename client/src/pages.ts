/** The two settings pages of web/, built with the rest so that they know its errors: docs/front-end.md. */
export { type AdminOptions, showAdmin } from '../../web/admin.ts';
export { type IntegrationsOptions, showIntegrations } from '../../web/integrations.ts';
