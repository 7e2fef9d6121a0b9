output "address" {
  description = "Put it into the A record of `domain`. The certificate is made when the record is there; that can take an hour."
  value       = google_compute_global_address.this.address
}

output "public_url" {
  description = "The broker. The API is below /v1."
  value       = local.public_url
}

output "redirect_uris" {
  description = "To register with each provider's client: the connections', and those of sign-in."
  value = {
    for name, each in var.oauth_providers : name => concat(
      ["${local.public_url}/v1/callback/${name}"],
      each.sign_in == null || var.sign_in == null ? [] : ["${local.public_url}/v1/sso/${name}/callback"],
    )
  }
}

output "federated_credentials" {
  description = "For Microsoft, instead of a client secret: a federated credential per function on the app registration (infra/microsoft). By provider, client id and function, the subject."
  value = {
    for provider, credential in local.credentials : provider => {
      issuer   = "https://accounts.google.com"
      audience = "api://AzureADTokenExchange"
      # Sign-in may have a client of its own.
      subjects = {
        for client in distinct(compact([var.oauth_providers[provider].client_id, try(var.oauth_providers[provider].sign_in.client_id, null)])) : client => {
          for name, each in local.deployed : name => google_service_account.function[name].unique_id
          if client == lookup({
            tokens  = var.oauth_providers[provider].client_id
            sign-in = try(coalesce(var.oauth_providers[provider].sign_in.client_id, var.oauth_providers[provider].client_id), null)
          }, each.client_secrets, null)
        }
      }
    }
    if credential == "federated"
  }
}

output "delegation" {
  description = "For the Google Workspace admin (docs/directory.md): the client id to delegate to, and the scopes."
  value = var.directory == null ? null : {
    client_id = google_service_account.function["directory-sync"].unique_id
    scopes = [
      for each in ["domain", "group", "group.member", "user"] : "https://www.googleapis.com/auth/admin.directory.${each}.readonly"
    ]
  }
}

output "secrets" {
  description = "The secrets there are, by variable name: what TF_VAR_secret_values is to have the first time."
  value       = local.secret_names
}

output "service_accounts" {
  description = "Whose name an audit log entry has, by function."
  value       = { for name, each in local.functions : name => each.service_account }
}

output "keys" {
  description = "The keys in Cloud KMS."
  value = {
    tokens   = google_kms_crypto_key.tokens.id
    sessions = google_kms_crypto_key.sessions.id
  }
}

output "databases" {
  description = "The Firestore databases."
  value       = local.databases
}
