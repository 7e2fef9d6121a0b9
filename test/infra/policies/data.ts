/** Keys, databases, secrets: what is kept, for how long, and what nobody may delete. */
import { block, blocks, type Configuration, ofType, text } from '../configuration.ts';

const isKept = (body: Parameters<typeof block>[0]): boolean => block(body, 'lifecycle').prevent_destroy === true;

/** 90 days. */
const LONGEST_ROTATION_S = 7_776_000;

export const keys = (configuration: Configuration): string[] => {
  const all = ofType(configuration, /^google_kms_crypto_key$/);
  if (all.length === 0) return ['there is no key'];
  const rings = ofType(configuration, /^google_kms_key_ring$/).flatMap(([address, body]) =>
    isKept(body) ? [] : [`${address} may be destroyed`],
  );
  const each = all.flatMap(([address, body]) => {
    const symmetric = (body.purpose ?? 'ENCRYPT_DECRYPT') === 'ENCRYPT_DECRYPT';
    const rotation = Number(/^(\d+)s$/.exec(text(body.rotation_period))?.[1] ?? Number.NaN);
    return [
      ...(isKept(body) ? [] : [`${address} may be destroyed`]),
      ...(!symmetric || rotation <= LONGEST_ROTATION_S ? [] : [`${address} does not rotate within 90 days`]),
    ];
  });
  return [...rings, ...each];
};

/** Nothing that is deleted from them may be read again, but for the hour that Firestore promises to everybody. */
const WITHOUT_RECOVERY = ['tokens', 'sign_in', 'answers'];

export const databases = (configuration: Configuration): string[] => {
  const all = ofType(configuration, /^google_firestore_database$/);
  const missing = WITHOUT_RECOVERY.filter((name) => !configuration.resources.has(`google_firestore_database.${name}`));
  return [
    ...missing.map((name) => `there is no database ${name}`),
    ...all.flatMap(([address, body]) => {
      const name = address.split('.')[1] ?? '';
      const recovery = body.point_in_time_recovery_enablement;
      return [
        ...(body.delete_protection_state === 'DELETE_PROTECTION_ENABLED' ? [] : [`${address} is not protected`]),
        ...(isKept(body) ? [] : [`${address} may be destroyed`]),
        ...(!WITHOUT_RECOVERY.includes(name) || recovery === 'POINT_IN_TIME_RECOVERY_DISABLED'
          ? []
          : [`${address} keeps what is deleted: ${recovery}`]),
        ...(WITHOUT_RECOVERY.includes(name) || recovery === 'POINT_IN_TIME_RECOVERY_ENABLED'
          ? []
          : [`${address} cannot be recovered: ${recovery}`]),
      ];
    }),
    ...ofType(
      configuration,
      /^google_firestore_(backup_schedule|user_creds)|^google_firestore_database_backup/,
    ).flatMap(([address, body]) =>
      text(body.database) === '${google_firestore_database.directory[0].name}'
        ? []
        : [`${address} keeps what is deleted of ${text(body.database)}`],
    ),
  ];
};

/** What has `expire_at`, by database: docs/storage.md. */
const EXPIRING = { answers: ['owners'], sign_in: ['codes', 'flows', 'sessions'], tokens: ['flows', 'tombstones'] };

export const expiry = (configuration: Configuration): string[] => {
  const field = configuration.resources.get('google_firestore_field.expiry');
  const listed = text(configuration.locals.get('expiring'));
  return [
    ...(listed === text(EXPIRING) ? [] : [`what expires is ${listed}`]),
    ...(field?.field === 'expire_at' && blocks(field, 'ttl_config').length === 1 ? [] : ['expire_at removes nothing']),
  ];
};

/** Times that only grow, and are written often: one index over them takes 500 writes a second, and no more. */
export const growing = ({ resources }: Configuration): string[] =>
  ['expiry', 'connection', 'renewal'].flatMap((name) => {
    const [config, ...others] = blocks(resources.get(`google_firestore_field.${name}`), 'index_config');
    return config && others.length === 0 && !('indexes' in config) && !('dynamic' in config)
      ? []
      : [`${name} is in an index`];
  });

export const secrets = (configuration: Configuration): string[] => {
  const versions = ofType(configuration, /^google_secret_manager_.*version$/);
  const values = configuration.variables.get('secret_values');
  const elsewhere = [...configuration.resources].filter(
    ([address, body]) =>
      !address.startsWith('google_secret_manager_secret_version.') &&
      JSON.stringify(body).includes('var.secret_values'),
  );
  const held = ofType(configuration, /^google_cloudfunctions2_function$/).flatMap(([, body]) =>
    blocks(block(block(body, 'service_config'), 'dynamic'), 'secret_environment_variables').flatMap((dynamic) =>
      blocks(dynamic, 'content'),
    ),
  );
  return [
    ...(versions.length === 0 ? ['there is no secret'] : []),
    ...versions.flatMap(([address, body]) => [
      ...('secret_data' in body ? [`${address} keeps its value in the state`] : []),
      ...('secret_data_wo' in body && 'secret_data_wo_version' in body ? [] : [`${address} is not write-only`]),
    ]),
    ...(values?.ephemeral === true && values.sensitive === true ? [] : ['var.secret_values is kept in plans']),
    ...elsewhere.map(([address]) => `${address} has a secret's value`),
    ...[...configuration.locals]
      .filter(([, value]) => JSON.stringify(value).includes('var.secret_values'))
      .map(([name]) => `local.${name} has secret values`),
    ...(held.length === 1 ? [] : ['no function takes its secrets from Secret Manager']),
    ...held.flatMap(({ version }) =>
      text(version) === '${google_secret_manager_secret_version.this[secret.value].version}'
        ? []
        : [`functions take the version ${text(version)} of a secret`],
    ),
  ];
};

/** Without DATA_READ no alert on who decrypts can fire. Firestore's is configured under the name of Datastore. */
const AUDITED = {
  'cloudkms.googleapis.com': ['DATA_READ'],
  'datastore.googleapis.com': ['DATA_READ'],
  'iam.googleapis.com': ['ADMIN_READ', 'DATA_READ'],
};

export const audit = (configuration: Configuration): string[] => {
  const configs = ofType(configuration, /^google_project_iam_audit_config$/);
  const missing = Object.entries(AUDITED).flatMap(([service, types]) => {
    const logged = configs
      .filter(([, body]) => text([body.service, body.for_each]).includes(service))
      .flatMap(([, body]) => blocks(body, 'audit_log_config'))
      .flatMap(({ log_type, exempted_members }) => (exempted_members ? [] : [log_type]));
    return types.every((type) => logged.includes(type)) ? [] : [service];
  });
  return missing.map((service) => `who reads by ${service} is not logged`);
};
