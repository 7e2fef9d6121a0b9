/** Configurations with another way in, and alerts that do not fire. */
import { type Block, block } from '../configuration.ts';
import { type Break, config, local, resource } from './change.ts';

export const EDGE: readonly Break[] = [
  [
    'functions that the internet reaches',
    'nobody gets in but through the balancer or from inside',
    /lets in ALLOW_ALL/,
    (copy) => Object.assign(config(copy, 'service_config'), { ingress_settings: 'ALLOW_ALL' }),
  ],
  [
    'nothing said of ingress',
    'nobody gets in but through the balancer or from inside',
    /lets in nothing/,
    (copy) => delete config(copy, 'service_config').ingress_settings,
  ],
  [
    'unknown paths that reach a function',
    'the URL map is the routes, and 404',
    /not answered 404/,
    (copy) => delete block(resource(copy, 'google_compute_url_map.this'), 'path_matcher').default_route_action,
  ],
  [
    'a route of the contract that leads nowhere',
    'routes, functions and the contract are the same set',
    /token leads to undefined/,
    (_, given) =>
      given.routes.splice(
        given.routes.findIndex((route) => route.path.endsWith('/token')),
        1,
      ),
  ],
  [
    'a route that the contract does not have',
    'routes, functions and the contract are the same set',
    /^\/v1\/debug is not in the contract/,
    (_, given) => given.routes.push({ path: '/v1/debug', function: 'token' }),
  ],
  [
    'a function without a route',
    'routes, functions and the contract are the same set',
    /^spare has no route/,
    (_, given) => Object.assign(given.functions, { spare: given.functions.callback }),
  ],
  [
    'the scheduler’s function behind the balancer',
    'routes, functions and the contract are the same set',
    /sweep is internal, and sweep is not/,
    (_, given) => Object.assign(given.functions.sweep ?? {}, { internal: null }),
  ],
  [
    'request logs of the balancer for all',
    'S43 no request log keeps the code of a callback',
    /logs true/,
    (copy) =>
      Object.assign(block(resource(copy, 'google_compute_backend_service.this'), 'log_config'), { enable: true }),
  ],
  [
    'request logs of the platform for all',
    'S43 no request log keeps the code of a callback',
    /Cloud Run's request logs keep codes/,
    ({ resources }) => resources.delete('google_logging_project_exclusion.codes'),
  ],
  [
    'a scheduler without an identity',
    'S58 the scheduler calls with its identity, each function for itself',
    /calls without/,
    (copy) => delete block(resource(copy, 'google_cloud_scheduler_job.internal'), 'http_target').oidc_token,
  ],
  [
    'one audience for all that is internal',
    'S58 the scheduler calls with its identity, each function for itself',
    /calls for .*public_url/,
    (copy) =>
      Object.assign(block(block(resource(copy, 'google_cloud_scheduler_job.internal'), 'http_target'), 'oidc_token'), {
        audience: '${local.public_url}',
      }),
  ],
  [
    'an internal function that nothing calls',
    'S58 the scheduler calls with its identity, each function for itself',
    /nothing calls sweep/,
    (copy) => delete local(copy, 'schedules').sweep,
  ],
  [
    'no limit per address',
    'the balancer limits addresses and speaks TLS 1.2 or later',
    /no limit per address/,
    (copy) => delete resource(copy, 'google_compute_security_policy.this').rule,
  ],
  [
    'a limit that keeps companies out',
    'the balancer limits addresses and speaks TLS 1.2 or later',
    /an address has 10 requests/,
    (copy) => {
      for (const rule of resource(copy, 'google_compute_security_policy.this').rule as Block[]) {
        Object.assign(block(block(rule, 'rate_limit_options'), 'rate_limit_threshold'), { count: 10 });
      }
    },
  ],
  [
    'a proxy with another certificate',
    'the balancer limits addresses and speaks TLS 1.2 or later',
    /shows the certificates \[\]/,
    (copy) => Object.assign(resource(copy, 'google_compute_target_https_proxy.this'), { ssl_certificates: [] }),
  ],
  [
    'TLS 1.0',
    'the balancer limits addresses and speaks TLS 1.2 or later',
    /TLS from TLS_1_0/,
    (copy) => Object.assign(resource(copy, 'google_compute_ssl_policy.this'), { min_tls_version: 'TLS_1_0' }),
  ],
  [
    'sources under one name',
    'the content decides what is deployed',
    /sources are named/,
    (copy) => Object.assign(resource(copy, 'google_storage_bucket_object.source'), { name: '${each.key}.zip' }),
  ],
  [
    'an alert that waits for a hundred thousand',
    'alerts fire at what they were made for',
    /speaking fires at COMPARISON_GT 100000/,
    (copy) => {
      const conditions = block(resource(copy, 'google_monitoring_alert_policy.speaking'), 'conditions');
      Object.assign(block(conditions, 'condition_threshold'), { threshold_value: 100_000 });
    },
  ],
  [
    'silence that nobody notices',
    'alerts fire at what they were made for',
    /silence is noticed after .*"SweepSilent":84600/,
    (copy) => Object.assign(local(copy, 'silent').SweepSilent ?? {}, { seconds: 84600 }),
  ],
  [
    'an alert that tells nobody',
    'alerts fire at what they were made for',
    /audited tells nobody/,
    (copy) => delete resource(copy, 'google_monitoring_alert_policy.audited').notification_channels,
  ],
  [
    'a prober that asks for nothing',
    'the prober asks for a route',
    /public asks for \/v1\/nothing/,
    (copy) =>
      Object.assign(block(resource(copy, 'google_monitoring_uptime_check_config.public'), 'http_check'), {
        path: '/v1/nothing',
      }),
  ],
];
