/** Ways in: the balancer, the scheduler, and none besides; and what request logs keep. */
import type { InfraManifest } from '../../../tools/infra.ts';
import { block, blocks, type Configuration, ofType, text } from '../configuration.ts';

const INGRESS =
  '${contains(keys(local.internal), each.value.function) ? "ALLOW_INTERNAL_ONLY" : "ALLOW_INTERNAL_AND_GCLB"}';

export const ingress = (configuration: Configuration): string[] => [
  ...ofType(configuration, /^google_cloudfunctions2_function$/).flatMap(([address, body]) => {
    const { ingress_settings } = block(body, 'service_config');
    return text(ingress_settings) === INGRESS ? [] : [`${address} lets in ${text(ingress_settings)}`];
  }),
  // Their ingress is open unless it is closed elsewhere.
  ...ofType(configuration, /^google_cloud(functions_function|_run(_v2)?_service)$/).map(
    ([address]) => `${address} is not of the table`,
  ),
];

/** The map by which the balancer finds a function: all of the routes that are not the scheduler's, and 404 for the rest. */
export const urlMap = (configuration: Configuration): string[] => {
  const map = configuration.resources.get('google_compute_url_map.this');
  const matcher = block(map, 'path_matcher');
  const dynamic = block(block(matcher, 'dynamic'), 'route_rules');
  const rule = block(dynamic, 'content');
  const match = block(rule, 'match_rules');
  const is404 = (body: typeof map) => {
    const abort = block(block(block(body, 'default_route_action'), 'fault_injection_policy'), 'abort');
    return abort.http_status === 404 && abort.percentage === 100;
  };
  return [
    ...(is404(map) && is404(matcher) ? [] : ['a path that nobody has is not answered 404 by the balancer']),
    ...(text(dynamic.for_each) === '${local.routes}' ? [] : ['the URL map is not made of the routes']),
    ...(text(rule.service) === '${google_compute_backend_service.this[route.value.function].id}'
      ? []
      : [`routes lead to ${text(rule.service)}`]),
    ...(text(match.path_template_match).includes('route.value.path') &&
    text(match.full_path_match).includes('route.value.path')
      ? []
      : ['the URL map does not match the paths of the routes']),
  ];
};

export const routes = (
  manifest: InfraManifest,
  contract: readonly { readonly path: string; readonly function: string; readonly internal: boolean }[],
): string[] => {
  const routed = new Map(manifest.routes.map((route) => [route.path, route.function]));
  const inContract = new Set(contract.filter(({ internal }) => !internal).map(({ path }) => path));
  return [
    ...contract.flatMap(({ path, function: name, internal }) => {
      const entry = manifest.functions[name];
      if (!entry) return [`${path} belongs to ${name}, which is no function`];
      if (internal) return entry.internal === path ? [] : [`${path} is internal, and ${name} is not`];
      return routed.get(path) === name ? [] : [`${path} leads to ${routed.get(path)}, and belongs to ${name}`];
    }),
    ...manifest.routes.flatMap(({ path }) => (inContract.has(path) ? [] : [`${path} is not in the contract`])),
    ...Object.entries(manifest.functions).flatMap(([name]) =>
      contract.some((route) => route.function === name) ? [] : [`${name} has no route in the contract`],
    ),
  ];
};

/** S43: codes stand in the query of callbacks. */
export const callbackLogs = (configuration: Configuration, manifest: InfraManifest): string[] => {
  const codes = text(configuration.locals.get('unlogged_functions'));
  const exclusion = configuration.resources.get('google_logging_project_exclusion.codes');
  return [
    ...ofType(configuration, /^google_compute_(region_)?backend_service$/).flatMap(([address, body]) => {
      const { enable } = block(body, 'log_config');
      return text(enable) === '${!contains(local.unlogged_functions, each.key)}'
        ? []
        : [`${address} logs ${text(enable)}`];
    }),
    ...(codes ===
    '${distinct([for route in local.manifest.routes : route.function if contains(local.manifest.unlogged_paths, route.path)])}'
      ? []
      : [`functions that see codes are ${codes}`]),
    ...(exclusion && !exclusion.disabled && text(exclusion.filter).includes('${local.unlogged_pattern}')
      ? []
      : ["Cloud Run's request logs keep codes"]),
    ...(text(configuration.locals.get('unlogged_pattern')).includes('local.manifest.unlogged_paths')
      ? []
      : ["the exclusion is not made of the contract's paths"]),
    ...(manifest.unlogged_paths.length > 0 ? [] : ['no path has codes']),
  ];
};

export const scheduler = (configuration: Configuration, manifest: InfraManifest): string[] => {
  const internal = Object.entries(manifest.functions).flatMap(([name, entry]) => (entry.internal ? [name] : []));
  const scheduled = Object.keys(configuration.locals.get('schedules') ?? {});
  const jobs = ofType(configuration, /^google_cloud_scheduler_job$/);
  return [
    ...internal.filter((name) => !scheduled.includes(name)).map((name) => `nothing calls ${name}`),
    ...scheduled
      .filter((name) => !internal.includes(name))
      .map((name) => `${name} has a schedule, and is not internal`),
    ...(jobs.length > 0 ? [] : ['there is no scheduler job']),
    ...jobs.flatMap(([address, body]) => {
      const token = block(block(body, 'http_target'), 'oidc_token');
      return [
        ...(text(token.service_account_email) === '${google_service_account.scheduler.email}'
          ? []
          : [`${address} calls without the scheduler's identity`]),
        ...(text(token.audience) === '${local.audiences[each.key]}'
          ? []
          : [`${address} calls for ${text(token.audience)}`]),
      ];
    }),
  ];
};

export const balancer = (configuration: Configuration): string[] => {
  const tls = configuration.resources.get('google_compute_ssl_policy.this');
  const rules = blocks(configuration.resources.get('google_compute_security_policy.this'), 'rule');
  const perAddress = rules.filter(
    (rule) => rule.action === 'throttle' && block(rule, 'rate_limit_options').enforce_on_key === 'IP',
  );
  const limits = perAddress.map((rule) => block(block(rule, 'rate_limit_options'), 'rate_limit_threshold'));
  return [
    ...(perAddress.length === 1 ? [] : ['no limit per address']),
    ...limits.flatMap(({ count, interval_sec }) =>
      text(count) === '${var.address_limit}' && interval_sec === 60
        ? []
        : [`an address has ${text(count)} requests in ${text(interval_sec)} s`],
    ),
    ...(['TLS_1_2', 'TLS_1_3'].includes(text(tls?.min_tls_version)) &&
    ['MODERN', 'RESTRICTED'].includes(text(tls?.profile))
      ? []
      : [`TLS from ${text(tls?.min_tls_version)}, ${text(tls?.profile)}`]),
    ...ofType(configuration, /^google_compute_target_https_proxy$/).flatMap(([address, body]) =>
      text(body.ssl_policy) === '${google_compute_ssl_policy.this.id}' ? [] : [`${address} has another TLS policy`],
    ),
    ...ofType(configuration, /^google_compute_target_https_proxy$/).flatMap(([address, body]) =>
      text(body.ssl_certificates) === '["${google_compute_managed_ssl_certificate.this.id}"]'
        ? []
        : [`${address} shows the certificates ${text(body.ssl_certificates)}`],
    ),
    ...ofType(configuration, /^google_compute_backend_service$/).flatMap(([address, body]) =>
      text(body.security_policy) === '${google_compute_security_policy.this.id}' ? [] : [`${address} has no limits`],
    ),
    // What answers plain HTTP redirects, and does nothing else.
    ...ofType(configuration, /^google_compute_target_http_proxy$/).flatMap(([address, body]) =>
      text(body.url_map) === '${google_compute_url_map.redirect.id}' ? [] : [`${address} serves without TLS`],
    ),
  ];
};

/** The content of a function decides whether it is deployed again; Node 24 runs it. */
export const deployment = (configuration: Configuration): string[] => {
  const object = configuration.resources.get('google_storage_bucket_object.source');
  return [
    ...(text(object?.name) === '${each.key}/${local.built[each.key].framework.hash}.zip'
      ? []
      : [`sources are named ${text(object?.name)}`]),
    ...ofType(configuration, /^google_cloudfunctions2_function$/).flatMap(([address, body]) => {
      const build = block(body, 'build_config');
      const runs = text(block(block(build, 'source'), 'storage_source').object);
      return [
        ...(build.runtime === 'nodejs24' ? [] : [`${address} runs on ${text(build.runtime)}`]),
        ...(runs === '${google_storage_bucket_object.source[each.value.function].name}'
          ? []
          : [`${address} runs ${runs}`]),
      ];
    }),
  ];
};
