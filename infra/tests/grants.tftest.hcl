# Who may do what, as it comes out of the expressions and not only as it stands in the tables.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}
mock_provider "archive" {}

# Guards: that `callback`, whom anybody on the internet can call with anything, is given something.
run "callback_holds_nothing" {
  command = plan

  assert {
    condition = length([
      for grant in concat(values(local.database_grants), values(local.key_grants), values(local.secret_grants)) : grant
      if grant.function == "callback"
    ]) == 0
    error_message = "callback was granted something."
  }
}

# Guards: that one more function can decrypt, or that what encrypts can decrypt.
run "who_uses_the_keys" {
  command = plan

  assert {
    condition     = toset([for grant in local.key_grants : grant.function if strcontains(grant.role, "Decrypter")]) == toset(["account", "revoke", "rewrap", "sweep", "token"])
    error_message = "Those that decrypt are ${jsonencode(keys(local.key_grants))}."
  }
  assert {
    condition     = toset([for grant in local.key_grants : grant.function if strcontains(grant.role, "Encrypter")]) == toset(["complete", "rewrap"])
    error_message = "Others encrypt than what stores and what re-wraps."
  }
  assert {
    condition     = toset([for grant in local.key_grants : grant.function if grant.key == "sessions"]) == toset(["jwks", "session"])
    error_message = "Somebody else uses the key of sessions."
  }
}

# Guards: that a condition stops naming one database, so that a role holds for all of the project.
run "documents_of_one_database" {
  command = plan

  assert {
    condition = alltrue([
      for name, grant in google_project_iam_member.documents :
      contains([for id in values(local.databases) : "resource.name == \"projects/example-broker/databases/${id}\""], grant.condition[0].expression)
    ])
    error_message = "A grant on documents is not for one database."
  }
  assert {
    condition = alltrue([
      for name, grant in google_project_iam_member.documents :
      strcontains(grant.condition[0].expression, "broker-tokens") == (local.database_grants[name].database == "tokens")
    ])
    error_message = "A grant names another database than its privilege."
  }
  assert {
    condition = length([
      for name, grant in local.database_grants : name
      if startswith(grant.function, "directory") && grant.database == "tokens"
    ]) == 0
    error_message = "Synchronization reaches the tokens."
  }
}

# Guards: a client secret where it is not needed: Microsoft's is keyless, and what only revokes never asks Microsoft.
run "secrets_of_each" {
  command = plan

  assert {
    condition     = !contains(local.secret_names, "CLIENT_SECRET_MICROSOFT")
    error_message = "There is a secret for Microsoft."
  }
  assert {
    condition     = toset(local.function_secrets["token"]) == toset(["CLIENT_SECRET_GOOGLE", "CLIENT_SECRET_NOTES"])
    error_message = "token has ${jsonencode(local.function_secrets["token"])}."
  }
  assert {
    condition     = toset(local.function_secrets["signin"]) == toset(["SIGN_IN_KEYS", "SIGN_IN_CLIENT_SECRET_GOOGLE"])
    error_message = "signin has ${jsonencode(local.function_secrets["signin"])}."
  }
  assert {
    condition     = toset(keys(output.federated_credentials.microsoft.subjects["microsoft-client"])) == toset(["complete", "signin", "token"])
    error_message = "Other functions than those that talk to Microsoft are federated."
  }
}

# Guards: signing in vouched for at the client of connections, where it has one of its own, and the reverse.
run "a_client_of_its_own_for_sign_in" {
  command = plan
  variables {
    oauth_providers = {
      microsoft = { kind = "microsoft", client_id = "microsoft-client", sign_in = { client_id = "sign-in-client" } }
    }
  }

  assert {
    condition     = { for client, subjects in output.federated_credentials.microsoft.subjects : client => keys(subjects) } == { microsoft-client = ["complete", "token"], sign-in-client = ["signin"] }
    error_message = "The clients are ${jsonencode(output.federated_credentials.microsoft.subjects)}."
  }
}

run "a_secret_for_microsoft_where_somebody_insists" {
  command = plan

  variables {
    oauth_providers = {
      microsoft = { kind = "microsoft", client_id = "microsoft-client", credential = "secret" }
    }
  }

  assert {
    condition     = contains(local.function_secrets["token"], "CLIENT_SECRET_MICROSOFT") && !contains(local.function_secrets["revoke"], "CLIENT_SECRET_MICROSOFT")
    error_message = "The secret for Microsoft is not where it is needed, or where it is not."
  }
}
