# Each function's environment: what it declares (functions/*/config.ts), and nothing else.
locals {
  public_url = "https://${var.domain}"

  values = {
    ADMIN_ROLE                 = var.admin_role
    ANSWERS_DATABASE           = lookup(local.databases, "answers", null)
    ANSWERS_LOCATION           = try(var.search_ai.location, null)
    ANSWERS_MODEL              = try(var.search_ai.model, null)
    ALLOWED_ORIGINS            = join(" ", var.allowed_origins)
    CLIENT_ADDRESS_HOPS        = "2"
    COMPLETION_PUBLIC_KEYS     = var.flow_keys.completion
    DEFAULT_POLICY             = var.default_policy
    DIRECTORY_ACCOUNT          = try(google_service_account.function["directory-sync"].email, null)
    DIRECTORY_CALL_SECONDS     = try(tostring(var.directory.call_seconds), null)
    DIRECTORY_DATABASE         = lookup(local.databases, "directory", null)
    DIRECTORY_INTERVAL_MINUTES = try(tostring(var.directory.interval_minutes), null)
    DIRECTORY_ORGANIZATIONS    = try(jsonencode({ for tenant, each in var.directory.organizations : tenant => { for name, value in each : name => value if value != null } }), null)
    DIRECTORY_REMOVAL_PERCENT  = try(tostring(var.directory.removal_percent), null)
    FIRESTORE_DATABASE         = local.databases.tokens
    GOOGLE_CLOUD_PROJECT       = var.project
    KMS_KEY                    = google_kms_crypto_key.tokens.id
    PROVIDERS                  = jsonencode(local.providers)
    PUBLIC_URL                 = local.public_url
    RETURN_URLS                = join(" ", var.return_urls)
    SCHEDULER_ACCOUNT          = google_service_account.scheduler.email
    SERVICE_AUDIENCE           = var.service_tokens.audience
    SERVICE_ISSUER             = var.service_tokens.issuer
    SERVICE_JWKS_URL           = var.service_tokens.jwks_url
    SESSION_AUDIENCE           = var.sessions.audience
    SESSION_COOKIE             = var.sessions.cookie
    SESSION_ISSUER             = coalesce(var.sessions.issuer, local.public_url)
    SESSION_JWKS_URL           = coalesce(var.sessions.jwks_url, "${local.public_url}/v1/.well-known/jwks.json")
    SESSION_SIGNING_KEY        = "${google_kms_crypto_key.sessions.id}/cryptoKeyVersions/${var.session_key_version}"
    SIGN_IN_DATABASE           = lookup(local.databases, "sign_in", null)
    SIGN_IN_HOURS              = try(tostring(var.sign_in.hours), null)
    SIGN_IN_IDLE_MINUTES       = try(tostring(var.sign_in.idle_minutes), null)
    SIGN_IN_ORGANIZATIONS      = try(jsonencode(var.sign_in.organizations), null)
    STATE_PUBLIC_KEYS          = var.flow_keys.state
  }
  # Different for each of the internal functions: a token for one is worth nothing at another.
  audiences = { for name, path in local.internal : name => "${local.public_url}${path}" }

  environments = {
    for name, each in local.deployed : name => {
      for variable, value in merge(local.values, var.settings, { SCHEDULER_AUDIENCE = lookup(local.audiences, name, null) }) : variable => value
      if value != null && contains(concat(each.required, each.optional), variable)
    }
  }
  # Those of docs/configuration.md that var.settings may set.
  optional_settings = setsubtract(flatten([for each in local.manifest.functions : each.optional]), keys(local.values))

  # PROVIDERS refuses members that say nothing.
  providers = {
    for name, each in var.oauth_providers : name => {
      for member, value in merge(each, {
        credential = local.credentials[name]
        sign_in    = each.sign_in == null ? null : { for key, value in each.sign_in : key => value if value != null }
        native     = each.native == null ? null : { for platform, app in each.native : platform => { for key, value in app : key => value if value != null } }
        browser    = each.browser == null ? null : { for key, value in each.browser : key => value if value != null }
      }) : member => value if value != null
    }
  }
}
