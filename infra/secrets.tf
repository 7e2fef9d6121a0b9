# Values come in by TF_VAR_secret_values and leave terraform at once: they are in no plan and no state. Functions are pinned to a
# version: a changed value reaches them with the deployment that raised its number, and not at some start in between.
locals {
  secret_of = { for name, _ in var.oauth_providers : name => "CLIENT_SECRET_${upper(replace(name, "-", "_"))}" }
  confidential = {
    for name, each in var.oauth_providers : name => each
    if lookup({
      google    = true
      microsoft = local.credentials[name] == "secret"
      oidc      = each.client_authentication != "none"
      oauth2    = each.client_authentication != "none"
    }, each.kind, false)
  }
  # Nothing secret is made for Microsoft unless somebody insists.
  credentials = { for name, each in var.oauth_providers : name => each.kind == "microsoft" ? coalesce(each.credential, "federated") : null }

  # By what a function holds them for (client_secrets in the manifest). Entra has no endpoint that revokes.
  client_secrets = {
    none       = []
    tokens     = [for name, _ in local.confidential : local.secret_of[name]]
    revocation = [for name, each in local.confidential : local.secret_of[name] if each.kind != "microsoft"]
    sign-in    = [for name, each in local.confidential : "${each.sign_in.client_id == null ? "" : "SIGN_IN_"}${local.secret_of[name]}" if each.sign_in != null]
  }
  function_secrets = { for name, each in local.deployed : name => concat(each.secrets, local.client_secrets[each.client_secrets]) }
  secret_names     = toset(flatten(values(local.function_secrets)))
  secret_grants = merge([
    for name, secrets in local.function_secrets : { for secret in secrets : "${name}/${secret}" => { function = name, secret = secret } }
  ]...)
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secret_names

  project   = var.project
  secret_id = "broker-${lower(replace(each.key, "_", "-"))}"
  # A replaced version is switched off at once, and destroyed a week later.
  version_destroy_ttl = "604800s"
  depends_on          = [google_project_service.this]

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "this" {
  for_each = local.secret_names

  secret = google_secret_manager_secret.this[each.key].id
  # What is not given is longer than a secret may be: a raised number without a value fails, and writes nothing.
  secret_data_wo         = lookup(var.secret_values, each.key, format("%065537d", 0))
  secret_data_wo_version = lookup(var.secret_versions, each.key, 1)

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = local.secret_grants

  project   = var.project
  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
