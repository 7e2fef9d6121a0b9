/** Configurations that break a policy of policies.test.ts, by what somebody may do one day. */
import type { InfraManifest } from '../../tools/infra.ts';
import { type Block, block, type Configuration } from './configuration.ts';

export type Mutable = { -readonly [K in keyof InfraManifest]: Editable<InfraManifest[K]> };
type Editable<T> = T extends object ? { -readonly [K in keyof T]: Editable<T[K]> } : T;
/** Changes a copy in place. */
export type Change = (copy: Configuration, manifest: Mutable) => void;

const resource = ({ resources }: Configuration, address: string): Block => {
  const found = resources.get(address);
  if (!found) throw new Error(`${address} is not there`);
  return found;
};
const config = (copy: Configuration, name: string) =>
  block(resource(copy, 'google_cloudfunctions2_function.this'), name);
const local = ({ locals }: Configuration, name: string) => locals.get(name) as Record<string, Record<string, unknown>>;

export const BREAKS: readonly [what: string, policy: string, found: RegExp, change: Change][] = [
  [
    'a function that needs one thing more',
    'each function gets what the table has, and no more',
    /^callback gets .*cryptoKeyDecrypter/,
    (_, given) => Object.assign(given.functions.callback ?? {}, { privileges: ['kms.decrypt'] }),
  ],
  [
    'a privilege that means more than it did',
    'each function gets what the table has, and no more',
    /^token gets .*delete/,
    (copy) => (local(copy, 'document_roles').record as unknown as string[]).push('datastore.entities.delete'),
  ],
  [
    'the synchronization in the database of tokens',
    'each function gets what the table has, and no more',
    /^directory-sync gets .*tokens/,
    (copy) => Object.assign(local(copy, 'database_privileges')['directory.write'] ?? {}, { database: 'tokens' }),
  ],
  [
    'one secret more',
    'each function gets what the table has, and no more',
    /^session gets .*SIGN_IN_KEYS/,
    (_, given) => Object.assign(given.functions.session ?? {}, { secrets: ['SIGN_IN_KEYS'] }),
  ],
  [
    'a function that nobody thought about',
    'each function gets what the table has, and no more',
    /^another is in no row/,
    (_, given) => Object.assign(given.functions, { another: given.functions.callback }),
  ],
  [
    'a role on the project',
    'nothing is given anywhere else, to anybody',
    /^google_project_iam_member\.editor gives/,
    ({ resources }) =>
      resources.set('google_project_iam_member.editor', { role: 'roles/editor', member: 'user:a@example.com' }),
  ],
  [
    'a role on the project by another resource',
    'nothing is given anywhere else, to anybody',
    /^google_project_iam_binding\.readers gives/,
    ({ resources }) =>
      resources.set('google_project_iam_binding.readers', { role: 'roles/datastore.viewer', members: [] }),
  ],
  [
    'a predefined role in the place of the narrow one',
    'nothing is given anywhere else, to anybody',
    /documents: role is roles\/datastore\.user/,
    (copy) => Object.assign(resource(copy, 'google_project_iam_member.documents'), { role: 'roles/datastore.user' }),
  ],
  [
    'documents of all databases',
    'nothing is given anywhere else, to anybody',
    /documents: condition is undefined/,
    (copy) => delete resource(copy, 'google_project_iam_member.documents').condition,
  ],
  [
    'a role on the whole key ring',
    'nothing is given anywhere else, to anybody',
    /^google_kms_key_ring_iam_member\.all gives/,
    ({ resources }) =>
      resources.set('google_kms_key_ring_iam_member.all', { role: 'roles/cloudkms.cryptoKeyDecrypter' }),
  ],
  [
    'everybody may read secrets',
    'nothing is given anywhere else, to anybody',
    /secret_iam_member\.function: member is allAuthenticatedUsers/,
    (copy) =>
      Object.assign(resource(copy, 'google_secret_manager_secret_iam_member.function'), {
        member: 'allAuthenticatedUsers',
      }),
  ],
  [
    'an own role that permits more',
    'grants are made of the tables, and roles are what they say',
    /sign_jwt permits .*getAccessToken/,
    (copy) =>
      (resource(copy, 'google_project_iam_custom_role.sign_jwt').permissions as string[]).push(
        'iam.serviceAccounts.getAccessToken',
      ),
  ],
  [
    'grants that come from elsewhere',
    'grants are made of the tables, and roles are what they say',
    /^local\.key_grants is/,
    ({ locals }) =>
      locals.set('key_grants', '${{for name, _ in local.deployed : name => local.key_privileges["kms.decrypt"]}}'),
  ],
  [
    'functions that share an account',
    'each function has an account of its own',
    /runs as .*scheduler/,
    (copy) =>
      Object.assign(config(copy, 'service_config'), {
        service_account_email: '${google_service_account.scheduler.email}',
      }),
  ],
  [
    "functions with the platform's account",
    'each function has an account of its own',
    /runs as nothing/,
    (copy) => delete config(copy, 'service_config').service_account_email,
  ],
  [
    "images built by the platform's account",
    'each function has an account of its own',
    /is built by nothing/,
    (copy) => delete config(copy, 'build_config').service_account,
  ],
  [
    'a key that does not rotate',
    'keys rotate, and nobody destroys them',
    /tokens does not rotate/,
    (copy) => delete resource(copy, 'google_kms_crypto_key.tokens').rotation_period,
  ],
  [
    'a key that may be destroyed',
    'keys rotate, and nobody destroys them',
    /sessions may be destroyed/,
    (copy) => delete resource(copy, 'google_kms_crypto_key.sessions').lifecycle,
  ],
  [
    'recovery of deleted tokens',
    'what is deleted of tokens and users stays deleted, and no database can be dropped',
    /tokens keeps what is deleted/,
    (copy) =>
      Object.assign(resource(copy, 'google_firestore_database.tokens'), {
        point_in_time_recovery_enablement: 'POINT_IN_TIME_RECOVERY_ENABLED',
      }),
  ],
  [
    'a backup of tokens',
    'what is deleted of tokens and users stays deleted, and no database can be dropped',
    /backup_schedule\.tokens keeps/,
    ({ resources }) =>
      resources.set('google_firestore_backup_schedule.tokens', {
        database: '${google_firestore_database.tokens.name}',
      }),
  ],
  [
    'a database that can be dropped',
    'what is deleted of tokens and users stays deleted, and no database can be dropped',
    /tokens is not protected/,
    (copy) => delete resource(copy, 'google_firestore_database.tokens').delete_protection_state,
  ],
  [
    'markers that stay for ever',
    'what expires is removed',
    /removes nothing/,
    (copy) => delete resource(copy, 'google_firestore_field.expiry').ttl_config,
  ],
  [
    'a secret in the state',
    'secrets are write-only and pinned',
    /keeps its value in the state/,
    (copy) =>
      Object.assign(resource(copy, 'google_secret_manager_secret_version.this'), {
        secret_data: '${var.secret_values[each.key]}',
      }),
  ],
  [
    'secrets in plans',
    'secrets are write-only and pinned',
    /kept in plans/,
    ({ variables }) => delete variables.get('secret_values')?.ephemeral,
  ],
  [
    "a secret's value in the environment",
    'secrets are write-only and pinned',
    /has a secret's value/,
    (copy) => Object.assign(config(copy, 'service_config'), { environment_variables: '${var.secret_values}' }),
  ],
  [
    'no log of who reads documents',
    'who uses keys and reads documents is logged',
    /datastore\.googleapis\.com is not logged/,
    (copy) =>
      Object.assign(resource(copy, 'google_project_iam_audit_config.this'), {
        for_each: '${toset(["cloudkms.googleapis.com"])}',
      }),
  ],
  [
    'a log of administration alone',
    'who uses keys and reads documents is logged',
    /cloudkms\.googleapis\.com is not logged/,
    (copy) =>
      Object.assign(resource(copy, 'google_project_iam_audit_config.this'), {
        audit_log_config: [{ log_type: 'ADMIN_READ' }],
      }),
  ],
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
];
