/**
 * Who may do what in Google Cloud, written by hand and apart from what terraform derives its grants from. A grant that is not
 * here fails the tests, and so does a missing one: a new function is a new row.
 */
export interface Grants {
  /** By database, the permissions `datastore.entities.*`; `transaction` is datastore.databases.get. */
  readonly databases?: Readonly<Record<string, readonly string[]>>;
  readonly keys?: Readonly<Record<string, string>>;
  /** By variable; `clients: …` are client secrets, by what they are for. */
  readonly secrets?: readonly string[];
  readonly itself?: readonly string[];
}

const SEE = ['get'];
const SEARCH = ['get', 'list'];
/** What one knows the name of is read and changed; nothing is listed, nothing removed. */
const RECORD = ['create', 'get', 'update'];
const ALL = ['create', 'delete', 'get', 'list', 'transaction', 'update'];

const ENCRYPTER = 'roles/cloudkms.cryptoKeyEncrypter';
const DECRYPTER = 'roles/cloudkms.cryptoKeyDecrypter';

export const TABLE: Readonly<Record<string, Grants>> = {
  account: {
    databases: { tokens: ALL, sign_in: ALL, answers: ALL },
    keys: { tokens: DECRYPTER },
    secrets: ['ACCOUNT_HASH_KEY', 'clients: revocation'],
  },
  answers: { databases: { tokens: SEE, answers: ALL }, itself: ['aiplatform.endpoints.predict'] },
  admin: { databases: { tokens: ALL } },
  authorize: { databases: { tokens: SEE }, secrets: ['STATE_SIGNING_KEYS'] },
  callback: {},
  complete: {
    databases: { tokens: ALL },
    keys: { tokens: `${DECRYPTER} ${ENCRYPTER}` },
    secrets: ['COMPLETION_PRIVATE_KEYS', 'ACCOUNT_HASH_KEY', 'clients: tokens'],
  },
  connections: { databases: { tokens: SEARCH } },
  directory: { databases: { directory: SEARCH } },
  'directory-admin': { databases: { directory: RECORD } },
  'directory-sync': { databases: { directory: ALL }, itself: ['iam.serviceAccounts.signJwt'] },
  jwks: { keys: { sessions: 'public_keys' } },
  documents: { databases: { tokens: SEE, answers: ALL } },
  offer: { databases: { tokens: SEE } },
  revoke: { databases: { tokens: ALL }, keys: { tokens: DECRYPTER }, secrets: ['clients: revocation'] },
  probe: {},
  rewrap: { databases: { tokens: ALL }, keys: { tokens: `${DECRYPTER} ${ENCRYPTER}` } },
  session: { databases: { sign_in: ALL, directory: SEE }, keys: { sessions: 'roles/cloudkms.signer' } },
  signin: { databases: { sign_in: ALL, directory: SEARCH }, secrets: ['SIGN_IN_KEYS', 'clients: sign-in'] },
  sweep: { databases: { tokens: ALL, answers: ALL }, keys: { tokens: DECRYPTER }, secrets: ['clients: revocation'] },
  token: { databases: { tokens: RECORD }, keys: { tokens: DECRYPTER }, secrets: ['clients: tokens'] },
};

/** Permissions of the project's own roles, apart from those of documents. */
export const CUSTOM_ROLES: Readonly<Record<string, readonly string[]>> = {
  public_keys: ['cloudkms.cryptoKeyVersions.list', 'cloudkms.cryptoKeyVersions.viewPublicKey'],
  predict: ['aiplatform.endpoints.predict'],
  sign_jwt: ['iam.serviceAccounts.signJwt'],
  build: ['logging.logEntries.create'],
  build_sources: ['storage.buckets.get', 'storage.objects.get', 'storage.objects.list'],
};

/** What terraform may make at all. Whoever adds a kind asks first whether it gives somebody something (a key, an access control). */
export const KINDS: ReadonlySet<string> = new Set([
  'google_artifact_registry_repository',
  'google_artifact_registry_repository_iam_member',
  'google_cloud_run_v2_service_iam_member',
  'google_cloud_scheduler_job',
  'google_cloudfunctions2_function',
  'google_compute_backend_service',
  'google_compute_global_address',
  'google_compute_global_forwarding_rule',
  'google_compute_managed_ssl_certificate',
  'google_compute_region_network_endpoint_group',
  'google_compute_security_policy',
  'google_compute_ssl_policy',
  'google_compute_target_http_proxy',
  'google_compute_target_https_proxy',
  'google_compute_url_map',
  'google_firestore_backup_schedule',
  'google_firestore_database',
  'google_firestore_field',
  'google_firestore_index',
  'google_kms_crypto_key',
  'google_kms_crypto_key_iam_member',
  'google_kms_key_ring',
  'google_logging_metric',
  'google_logging_project_exclusion',
  'google_monitoring_alert_policy',
  'google_monitoring_custom_service',
  'google_monitoring_dashboard',
  'google_monitoring_slo',
  'google_monitoring_uptime_check_config',
  'google_project_iam_audit_config',
  'google_project_iam_custom_role',
  'google_project_iam_member',
  'google_project_service',
  'google_secret_manager_secret',
  'google_secret_manager_secret_iam_member',
  'google_secret_manager_secret_version',
  'google_service_account',
  'google_service_account_iam_member',
  'google_storage_bucket',
  'google_storage_bucket_iam_member',
  'google_storage_bucket_object',
  'google_vertex_ai_cache_config',
]);

/** Every place where terraform gives anything to anybody, as it stands there. */
export const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // The project's: these four, and no other. The first holds for one database only, the last for one kind of bucket.
  'google_project_iam_member.documents': {
    for_each: '${local.database_grants}',
    role: '${google_project_iam_custom_role.documents[each.value.role].name}',
    member: '${google_service_account.function[each.value.function].member}',
    condition: 'resource.name == "projects/${var.project}/databases/${local.databases[each.value.database]}"',
  },
  'google_project_iam_member.predict': {
    for_each: '${toset([for name, each in local.deployed : name if contains(each.privileges, "model.predict")])}',
    role: '${google_project_iam_custom_role.predict[0].name}',
    member: '${google_service_account.function[each.key].member}',
  },
  'google_project_iam_member.build_log': {
    role: '${google_project_iam_custom_role.build.name}',
    member: '${google_service_account.build.member}',
  },
  'google_project_iam_member.build_sources': {
    role: '${google_project_iam_custom_role.build_sources.name}',
    member: '${google_service_account.build.member}',
    condition: 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")',
  },
  'google_kms_crypto_key_iam_member.function': {
    for_each: '${local.key_grants}',
    role: '${each.value.role == "public_keys" ? google_project_iam_custom_role.public_keys.name : each.value.role}',
    member: '${google_service_account.function[each.value.function].member}',
    crypto_key_id:
      '${{tokens = google_kms_crypto_key.tokens.id, sessions = google_kms_crypto_key.sessions.id}[each.value.key]}',
  },
  'google_secret_manager_secret_iam_member.function': {
    for_each: '${local.secret_grants}',
    role: 'roles/secretmanager.secretAccessor',
    member: '${google_service_account.function[each.value.function].member}',
    secret_id: '${google_secret_manager_secret.this[each.value.secret].secret_id}',
  },
  'google_service_account_iam_member.sign_as_itself': {
    for_each: '${toset([for name, each in local.deployed : name if contains(each.privileges, "iam.sign_as_itself")])}',
    role: '${google_project_iam_custom_role.sign_jwt[0].name}',
    member: '${google_service_account.function[each.key].member}',
    service_account_id: '${google_service_account.function[each.key].name}',
  },
  'google_artifact_registry_repository_iam_member.build': {
    for_each: '${google_artifact_registry_repository.images}',
    role: 'roles/artifactregistry.writer',
    member: '${google_service_account.build.member}',
    repository: '${each.value.name}',
  },
  'google_storage_bucket_iam_member.build': {
    role: 'roles/storage.objectViewer',
    member: '${google_service_account.build.member}',
    bucket: '${google_storage_bucket.sources.name}',
  },
  'google_cloud_run_v2_service_iam_member.invoker': {
    for_each: '${var.public_invoker ? local.places : {}}',
    role: 'roles/run.invoker',
    member: 'allUsers',
    name: '${google_cloudfunctions2_function.this[each.key].name}',
  },
};

/** How the grants above come from the functions' privileges. */
export const DERIVED: Readonly<Record<string, string>> = {
  database_grants:
    '${merge([for name, each in local.deployed : {for privilege in each.privileges : "${name}/${privilege}" => merge(local.database_privileges[privilege], {function = name}) if try(contains(keys(local.databases), local.database_privileges[privilege].database), false)}]...)}',
  key_grants:
    '${merge([for name, each in local.deployed : {for privilege in each.privileges : "${name}/${privilege}" => merge(local.key_privileges[privilege], {function = name}) if can(local.key_privileges[privilege])}]...)}',
  secret_grants:
    '${merge([for name, secrets in local.function_secrets : {for secret in secrets : "${name}/${secret}" => {function = name, secret = secret}}]...)}',
  function_secrets:
    '${{for name, each in local.deployed : name => concat(each.secrets, local.client_secrets[each.client_secrets])}}',
  databases:
    '${merge({tokens = google_firestore_database.tokens.name}, var.sign_in == null ? {} : {sign_in = google_firestore_database.sign_in[0].name}, var.directory == null ? {} : {directory = google_firestore_database.directory[0].name}, var.search_ai == null ? {} : {answers = google_firestore_database.answers[0].name})}',
};
