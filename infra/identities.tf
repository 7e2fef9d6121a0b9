# One account per function, and what it may do: its own needs (`privileges` in functions/*/config.ts), each on the one resource.
# Firestore has no policy of its own per database: a role of this project, on condition of the database's name.

resource "google_service_account" "function" {
  for_each = local.deployed

  project      = var.project
  account_id   = "broker-${each.key}"
  display_name = "Token broker: ${each.key}"
  depends_on   = [google_project_service.this]
}

resource "google_service_account" "scheduler" {
  project      = var.project
  account_id   = "broker-scheduler"
  display_name = "Token broker: who calls the internal functions"
  depends_on   = [google_project_service.this]
}

resource "google_service_account" "build" {
  project      = var.project
  account_id   = "broker-build"
  display_name = "Token broker: builds the functions' images"
  depends_on   = [google_project_service.this]
}

locals {
  # https://cloud.google.com/firestore/docs/security/iam: datastore.databases.get begins transactions.
  document_roles = {
    get    = ["datastore.entities.get"]
    read   = ["datastore.entities.get", "datastore.entities.list"]
    record = ["datastore.entities.create", "datastore.entities.get", "datastore.entities.update"]
    write = [
      "datastore.databases.get",
      "datastore.entities.create",
      "datastore.entities.delete",
      "datastore.entities.get",
      "datastore.entities.list",
      "datastore.entities.update",
    ]
  }

  # What each privilege is, here. One that is in none of the three tables fails the plan (functions.tf).
  database_privileges = {
    "firestore.get"    = { database = "tokens", role = "get" }
    "firestore.read"   = { database = "tokens", role = "read" }
    "firestore.record" = { database = "tokens", role = "record" }
    "firestore.write"  = { database = "tokens", role = "write" }
    "sign-in.write"    = { database = "sign_in", role = "write" }
    "directory.get"    = { database = "directory", role = "get" }
    "directory.read"   = { database = "directory", role = "read" }
    "directory.record" = { database = "directory", role = "record" }
    "directory.write"  = { database = "directory", role = "write" }
    "answers.write"    = { database = "answers", role = "write" }
  }
  key_privileges = {
    "kms.encrypt"    = { key = "tokens", role = "roles/cloudkms.cryptoKeyEncrypter" }
    "kms.decrypt"    = { key = "tokens", role = "roles/cloudkms.cryptoKeyDecrypter" }
    "kms.sign"       = { key = "sessions", role = "roles/cloudkms.signer" }
    "kms.publicKeys" = { key = "sessions", role = "public_keys" }
  }
  own_privileges = ["iam.sign_as_itself", "model.predict"]

  database_grants = merge([
    for name, each in local.deployed : {
      for privilege in each.privileges : "${name}/${privilege}" => merge(local.database_privileges[privilege], { function = name })
      if try(contains(keys(local.databases), local.database_privileges[privilege].database), false)
    }
  ]...)
  key_grants = merge([
    for name, each in local.deployed : {
      for privilege in each.privileges : "${name}/${privilege}" => merge(local.key_privileges[privilege], { function = name })
      if can(local.key_privileges[privilege])
    }
  ]...)
  unknown_privileges = setsubtract(
    flatten([for each in local.deployed : each.privileges]),
    concat(keys(local.database_privileges), keys(local.key_privileges), local.own_privileges),
  )
}

resource "google_project_iam_custom_role" "documents" {
  for_each = local.document_roles

  project     = var.project
  role_id     = "brokerDocuments${title(each.key)}"
  title       = "Token broker: ${each.key} documents"
  permissions = each.value
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "documents" {
  for_each = local.database_grants

  project = var.project
  role    = google_project_iam_custom_role.documents[each.value.role].name
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "only the database ${local.databases[each.value.database]}"
    expression = "resource.name == \"projects/${var.project}/databases/${local.databases[each.value.database]}\""
  }
}

# Lists the versions of the key and reads their public halves; roles/cloudkms.publicKeyViewer cannot list.
resource "google_project_iam_custom_role" "public_keys" {
  project     = var.project
  role_id     = "brokerPublicKeys"
  title       = "Token broker: public keys of sessions"
  permissions = ["cloudkms.cryptoKeyVersions.list", "cloudkms.cryptoKeyVersions.viewPublicKey"]
  depends_on  = [google_project_service.this]
}

resource "google_kms_crypto_key_iam_member" "function" {
  for_each = local.key_grants

  crypto_key_id = { tokens = google_kms_crypto_key.tokens.id, sessions = google_kms_crypto_key.sessions.id }[each.value.key]
  role          = each.value.role == "public_keys" ? google_project_iam_custom_role.public_keys.name : each.value.role
  member        = google_service_account.function[each.value.function].member
}

# Narrower than roles/iam.serviceAccountTokenCreator, which would also make access tokens and identity tokens.
resource "google_project_iam_custom_role" "sign_jwt" {
  count = var.directory == null ? 0 : 1

  project     = var.project
  role_id     = "brokerSignJwt"
  title       = "Token broker: sign as itself"
  permissions = ["iam.serviceAccounts.signJwt"]
  depends_on  = [google_project_service.this]
}

resource "google_service_account_iam_member" "sign_as_itself" {
  for_each = toset([for name, each in local.deployed : name if contains(each.privileges, "iam.sign_as_itself")])

  service_account_id = google_service_account.function[each.key].name
  role               = google_project_iam_custom_role.sign_jwt[0].name
  member             = google_service_account.function[each.key].member
}

# Vertex AI has no policy per model: on the project, and for asking models alone.
resource "google_project_iam_custom_role" "predict" {
  count = var.search_ai == null ? 0 : 1

  project     = var.project
  role_id     = "brokerPredict"
  title       = "Token broker: ask a model"
  permissions = ["aiplatform.endpoints.predict"]
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "predict" {
  for_each = toset([for name, each in local.deployed : name if contains(each.privileges, "model.predict")])

  project = var.project
  role    = google_project_iam_custom_role.predict[0].name
  member  = google_service_account.function[each.key].member
}

# Google would keep what was asked in memory for up to a day, to answer the like of it faster: once per project.
# https://docs.cloud.google.com/gemini-enterprise-agent-platform/resources/zero-data-retention
resource "google_vertex_ai_cache_config" "this" {
  count = var.search_ai == null ? 0 : 1

  project       = var.project
  disable_cache = true
  depends_on    = [google_project_service.this]
}

# Building: https://cloud.google.com/functions/docs/securing/build-custom-sa. Cloud Build's log and the platform's copy of the
# sources exist before anything here does, so that these two cannot be granted on a resource.
resource "google_project_iam_custom_role" "build" {
  project     = var.project
  role_id     = "brokerBuild"
  title       = "Token broker: write the build's log"
  permissions = ["logging.logEntries.create"]
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "build_log" {
  project = var.project
  role    = google_project_iam_custom_role.build.name
  member  = google_service_account.build.member
}

resource "google_project_iam_custom_role" "build_sources" {
  project     = var.project
  role_id     = "brokerBuildSources"
  title       = "Token broker: read the sources of functions"
  permissions = ["storage.buckets.get", "storage.objects.get", "storage.objects.list"]
  depends_on  = [google_project_service.this]
}

resource "google_project_iam_member" "build_sources" {
  project = var.project
  role    = google_project_iam_custom_role.build_sources.name
  member  = google_service_account.build.member

  condition {
    title      = "only the sources of functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  for_each = google_artifact_registry_repository.images

  project    = var.project
  location   = each.value.location
  repository = each.value.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
