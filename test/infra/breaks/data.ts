/** Configurations that keep too much, lose too much or do not say who looked. */
import type { Block } from '../configuration.ts';
import { type Break, config, resource } from './change.ts';

export const DATA: readonly Break[] = [
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
    'a key ring that may be destroyed',
    'keys rotate, and nobody destroys them',
    /google_kms_key_ring\.broker may be destroyed/,
    (copy) => delete resource(copy, 'google_kms_key_ring.broker').lifecycle,
  ],
  [
    'a directory that cannot be recovered',
    'what is deleted of tokens and users stays deleted, and no database can be dropped',
    /directory cannot be recovered/,
    (copy) =>
      Object.assign(resource(copy, 'google_firestore_database.directory'), {
        point_in_time_recovery_enablement: 'POINT_IN_TIME_RECOVERY_DISABLED',
      }),
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
    'an index over the times of renewals',
    'what only grows is in no index',
    /^renewal is in an index/,
    ({ resources }) => resources.delete('google_firestore_field.renewal'),
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
    'no log of who acts as a function',
    'who uses keys and reads documents is logged',
    /iam\.googleapis\.com is not logged/,
    ({ resources }) => resources.delete('google_project_iam_audit_config.impersonation'),
  ],
  [
    'a log that leaves somebody out',
    'who uses keys and reads documents is logged',
    /iam\.googleapis\.com is not logged/,
    (copy) => {
      for (const each of resource(copy, 'google_project_iam_audit_config.impersonation').audit_log_config as Block[]) {
        each.exempted_members = ['user:a@example.com'];
      }
    },
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
];
