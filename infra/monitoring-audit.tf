# Alerts on what Google's audit logs say of others: who used a key or read the tokens that is none of the functions with that task
# (`privileges` in functions/*/config.ts), or who acted in the name of one that is. They fire on attempts that were refused, too.
# logging.tf switches the logs on.

locals {
  holders = {
    for privilege in ["kms.decrypt", "kms.sign"] : privilege => [
      for name, each in local.deployed : local.functions[name].service_account if contains(each.privileges, privilege)
    ]
  }
  database_holders = [
    for name, each in local.deployed : local.functions[name].service_account
    if length([for privilege in each.privileges : privilege if startswith(privilege, "firestore.")]) > 0
  ]

  accounts        = [for name in keys(local.deployed) : local.functions[name].service_account]
  sign_themselves = [for name, each in local.deployed : local.functions[name].service_account if contains(each.privileges, "iam.sign_as_itself")]
  # Google's agents of this project, which start the functions. Another project's are somebody else.
  agents = [
    for agent in ["gcf-admin-robot", "serverless-robot-prod"] :
    "service-${google_storage_bucket.sources.project_number}@${agent}.iam.gserviceaccount.com"
  ]

  activity    = "logName=\"projects/${var.project}/logs/cloudaudit.googleapis.com%2Factivity\""
  data_access = "logName=\"projects/${var.project}/logs/cloudaudit.googleapis.com%2Fdata_access\""
  somebody    = "protoPayload.authenticationInfo.principalEmail"

  # RawDecrypt and AsymmetricDecrypt do not work with these keys: whoever tries them is worth a look as well.
  audited = {
    UnexpectedDecrypt = join(" AND ", concat([
      local.data_access,
      "protoPayload.serviceName=\"cloudkms.googleapis.com\"",
      "protoPayload.methodName=~\"Decrypt$\"",
      "protoPayload.resourceName:\"${google_kms_key_ring.broker.id}/\"",
    ], [for account in local.holders["kms.decrypt"] : "NOT ${local.somebody}=\"${account}\""]))

    UnexpectedSignature = join(" AND ", concat([
      local.data_access,
      "protoPayload.serviceName=\"cloudkms.googleapis.com\"",
      "protoPayload.methodName=~\"Sign$\"",
      "protoPayload.resourceName:\"${google_kms_key_ring.broker.id}/\"",
    ], [for account in local.holders["kms.sign"] : "NOT ${local.somebody}=\"${account}\""]))

    TokenDatabaseRead = join(" AND ", concat([
      local.data_access,
      "protoPayload.serviceName=(\"firestore.googleapis.com\" OR \"datastore.googleapis.com\")",
      "protoPayload.resourceName=~\"^projects/${var.project}/databases/${local.databases.tokens}(/|$)\"",
    ], [for account in local.database_holders : "NOT ${local.somebody}=\"${account}\""]))

    # As a function whom the alerts above expect: a token, a signature or a key in its name. What signs as itself does so by right.
    AccountImpersonated = join(" AND ", concat(
      [
        "(${local.data_access} OR ${local.activity})",
        "protoPayload.methodName=~\"(GenerateAccessToken|GenerateIdToken|SignBlob|SignJwt|CreateServiceAccountKey|UploadServiceAccountKey)$\"",
        "resource.labels.email_id=(${join(" OR ", formatlist("\"%s\"", local.accounts))})",
      ],
      [for agent in local.agents : "NOT ${local.somebody}=\"${agent}\""],
      [for account in local.sign_themselves : "NOT (${local.somebody}=\"${account}\" AND resource.labels.email_id=\"${account}\" AND protoPayload.methodName=~\"SignJwt$\")"],
    ))

    # All at once, which is no reading of documents; or so that it can be had later: a backup, point-in-time recovery. A clone is
    # named by its new name or the project, so that one of any database counts.
    TokenDatabaseCopied = join(" AND ", [
      local.activity,
      "protoPayload.serviceName=\"firestore.googleapis.com\"",
      join(" ", [
        "((protoPayload.methodName=~\"(ExportDocuments|CreateBackupSchedule|UpdateDatabase)$\"",
        "AND protoPayload.resourceName=~\"^projects/${var.project}/databases/${local.databases.tokens}(/|$)\")",
        "OR protoPayload.methodName=~\"CloneDatabase$\")",
      ]),
    ])

    KeyVersionDestroyScheduled = join(" AND ", [
      local.activity,
      "protoPayload.serviceName=\"cloudkms.googleapis.com\"",
      "protoPayload.methodName=~\"DestroyCryptoKeyVersion$\"",
      "protoPayload.resourceName:\"${google_kms_key_ring.broker.id}/\"",
    ])
  }
}

resource "google_monitoring_alert_policy" "audited" {
  for_each = local.audited

  project               = var.project
  display_name          = each.key
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = var.notification_channels

  documentation {
    content   = format(local.playbook, each.key)
    mime_type = "text/markdown"
  }

  conditions {
    display_name = "an audit log entry"

    condition_matched_log {
      filter = each.value
      label_extractors = {
        principal = "EXTRACT(protoPayload.authenticationInfo.principalEmail)"
        method    = "EXTRACT(protoPayload.methodName)"
        resource  = "EXTRACT(protoPayload.resourceName)"
      }
    }
  }

  alert_strategy {
    auto_close = "604800s"
    notification_rate_limit {
      period = "300s"
    }
  }
}
