// Made from openapi.yaml by `npm run generate`. Not edited by hand.

export const routes = {
  connections: {"function":"connections","method":"GET","path":"/v1/connections","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request"},
  revoke: {"function":"revoke","method":"DELETE","path":"/v1/connections/{provider}","security":["sessionBearer","sessionCookie"],"parameters":{"provider":"ProviderName"},"misfit":"not_found"},
  authorize: {"function":"authorize","method":"POST","path":"/v1/connections/{provider}/authorize","security":["sessionBearer","sessionCookie"],"parameters":{"provider":"ProviderName"},"misfit":"not_found","body":{"schema":"AuthorizeRequest","required":true}},
  callback: {"function":"callback","method":"GET","path":"/v1/callback/{provider}","security":[],"parameters":{"provider":"ProviderName"},"misfit":"not_found"},
  complete: {"function":"complete","method":"POST","path":"/v1/connections/{provider}/complete","security":["sessionBearer","sessionCookie"],"parameters":{"provider":"ProviderName"},"misfit":"not_found","body":{"schema":"CompleteRequest","required":true}},
  token: {"function":"token","method":"POST","path":"/v1/connections/{provider}/token","security":["sessionBearer","sessionCookie"],"parameters":{"provider":"ProviderName"},"misfit":"not_found","body":{"schema":"TokenRequest","required":false}},
  narrow: {"function":"revoke","method":"DELETE","path":"/v1/connections/{provider}/integrations/{integration}","security":["sessionBearer","sessionCookie"],"parameters":{"provider":"ProviderName","integration":"IntegrationName"},"misfit":"not_found"},
  config: {"function":"offer","method":"GET","path":"/v1/config","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request"},
  adminIntegrations: {"function":"admin","method":"GET","path":"/v1/admin/integrations","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request"},
  policy: {"function":"admin","method":"GET","path":"/v1/admin/policy","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request"},
  setPolicy: {"function":"admin","method":"PUT","path":"/v1/admin/policy","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request","body":{"schema":"Policy","required":true}},
  previewPolicy: {"function":"admin","method":"POST","path":"/v1/admin/policy/preview","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request","body":{"schema":"Policy","required":true}},
  sweep: {"function":"sweep","method":"POST","path":"/v1/internal/sweep","security":["schedulerBearer"],"parameters":{},"misfit":"invalid_request"},
  deleteAccount: {"function":"account","method":"DELETE","path":"/v1/account","security":["sessionBearer","sessionCookie"],"parameters":{},"misfit":"invalid_request"},
  deleteUser: {"function":"account","method":"DELETE","path":"/v1/tenants/{tenant}/users/{user}","security":["serviceBearer"],"parameters":{"tenant":"Subject","user":"Subject"},"misfit":"invalid_request"},
} as const;
