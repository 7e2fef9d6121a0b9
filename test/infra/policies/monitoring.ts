/** Alerts that could still fire, and a prober that asks for something that is there. */
import type { InfraManifest } from '../../../tools/infra.ts';
import { type Block, block, blocks, type Configuration, ofType, text } from '../configuration.ts';

/** From what on each alert fires, written by hand: a comparison, or what its query has to say. */
const FIRES: Readonly<Record<string, string>> = {
  certificate_expiring: 'COMPARISON_LT 15',
  // Six hours have 360 runs.
  sweep_stuck: 'COMPARISON_GT 300',
  speaking: 'COMPARISON_GT 0',
  uptime_failing: 'COMPARISON_GT 1',
  burn: 'COMPARISON_GT ${each.value.rate}',
  refresh_failing: '> 0.1 > 20',
  silent: 'absent ${each.value.seconds}s',
  audited: 'logged',
};

/** A deployment's clock of silence and the budget's rates of burning (sre.google/workbook/alerting-on-slos). */
const SECONDS = { DirectorySyncSilent: 84600, ProbeSilent: 1800, SweepSilent: 1800 };
const RATES = { ErrorBudgetBurnFast: 14.4, ErrorBudgetBurnSlow: 6 };

const firesAt = (condition: Block): string => {
  const threshold = blocks(condition, 'condition_threshold')[0];
  const query = blocks(condition, 'condition_prometheus_query_language')[0];
  const absent = blocks(condition, 'condition_absent')[0];
  if (threshold) return `${text(threshold.comparison)} ${text(threshold.threshold_value)}`;
  if (query) return [...text(query.query).matchAll(/[<>]=? [\d.]+/g)].join(' ');
  if (absent) return `absent ${text(absent.duration)}`;
  return blocks(condition, 'condition_matched_log').length === 1 ? 'logged' : 'never';
};

/** Of a local by name, one member of each. */
const membersOf = ({ locals }: Configuration, name: string, member: string): string =>
  text(
    Object.fromEntries(
      Object.entries((locals.get(name) ?? {}) as Record<string, Block>).map(([key, value]) => [key, value[member]]),
    ),
  );

export const alerts = (configuration: Configuration): string[] => {
  const policies = ofType(configuration, /^google_monitoring_alert_policy$/);
  const silence = membersOf(configuration, 'silent', 'seconds');
  const rates = membersOf(configuration, 'burns', 'rate');
  return [
    ...policies.flatMap(([address, body]) => {
      const dynamic = blocks(block(body, 'dynamic'), 'conditions').flatMap((each) => blocks(each, 'content'));
      const fires = [...blocks(body, 'conditions'), ...dynamic].map(firesAt).join(', ');
      return [
        ...(fires === FIRES[address.split('.')[1] ?? ''] ? [] : [`${address} fires at ${fires || 'nothing'}`]),
        ...(body.enabled === undefined ? [] : [`${address} is enabled: ${text(body.enabled)}`]),
        ...(text(body.notification_channels) === '${var.notification_channels}' ? [] : [`${address} tells nobody`]),
      ];
    }),
    ...(policies.length === Object.keys(FIRES).length ? [] : ['an alert is missing']),
    ...(silence === text(SECONDS) ? [] : [`silence is noticed after ${silence}`]),
    ...(rates === text(RATES) ? [] : [`the budget burns at ${rates}`]),
  ];
};

export const uptime = (configuration: Configuration, { routes }: InfraManifest): string[] => {
  const checks = ofType(configuration, /^google_monitoring_uptime_check_config$/);
  return [
    ...(checks.length > 0 ? [] : ['nobody asks from outside']),
    ...checks.flatMap(([address, body]) => {
      const http = block(body, 'http_check');
      return [
        ...(routes.some(({ path }) => path === http.path) ? [] : [`${address} asks for ${text(http.path)}`]),
        ...(http.use_ssl === true && http.validate_ssl === true ? [] : [`${address} takes any certificate`]),
        // Nobody is signed in: an answer of the function itself, and not of the balancer.
        ...(block(http, 'accepted_response_status_codes').status_value === 401
          ? []
          : [`${address} expects another answer`]),
      ];
    }),
  ];
};
