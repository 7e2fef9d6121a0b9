# What is deployed, where, and with which environment.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}
mock_provider "archive" {}

# Guards: that a region is added to some functions only, or that internal ones run twice.
run "regions" {
  command = plan

  assert {
    condition     = length(google_cloudfunctions2_function.this) == 2 * length(local.balanced) + length(local.internal)
    error_message = "There are ${length(google_cloudfunctions2_function.this)} functions."
  }
  assert {
    condition     = length(local.internal) > 0 && alltrue([for name, _ in local.internal : google_cloudfunctions2_function.this["${name}/europe-west1"].service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "An internal function can be reached from outside."
  }
  assert {
    condition     = alltrue([for place in google_cloudfunctions2_function.this : place.service_config[0].ingress_settings != "ALLOW_ALL" && place.build_config[0].runtime == "nodejs24"])
    error_message = "A function is open, or runs on another Node."
  }
}

# Guards: variables that a function does not declare, and required ones that terraform forgot.
run "environments" {
  command = plan

  assert {
    condition = alltrue([
      for name, each in local.deployed :
      length(setsubtract(keys(local.environments[name]), concat(each.required, each.optional))) == 0 &&
      length(setsubtract(each.required, keys(local.environments[name]))) == 0
    ])
    error_message = "A function's environment is not what it declares."
  }
  assert {
    condition     = local.environments["sweep"].SCHEDULER_AUDIENCE == "https://broker.example.com/v1/internal/sweep" && local.environments["directory-sync"].SCHEDULER_AUDIENCE != local.environments["sweep"].SCHEDULER_AUDIENCE
    error_message = "Internal functions share an audience."
  }
  assert {
    condition     = jsondecode(local.environments["token"].PROVIDERS).microsoft == { kind = "microsoft", client_id = "microsoft-client", credential = "federated", sign_in = {} }
    error_message = "PROVIDERS has ${local.environments["token"].PROVIDERS}."
  }
  # Google's clients for Android have no redirect URI.
  assert {
    condition = jsondecode(local.environments["token"].PROVIDERS).google.native == {
      android = { client_id = "google-android-client" }
      ios     = { client_id = "google-ios-client", redirect_uri = "com.example.app:/oauth" }
    }
    error_message = "PROVIDERS has ${local.environments["token"].PROVIDERS}."
  }
  assert {
    condition     = local.environments["token"].SESSION_ISSUER == "https://broker.example.com" && local.environments["token"].SESSION_JWKS_URL == "https://broker.example.com/v1/.well-known/jwks.json"
    error_message = "The broker does not believe its own sessions."
  }
}

# Guards: secrets that change under a running function.
run "pinned" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for place in google_cloudfunctions2_function.this : [for secret in place.service_config[0].secret_environment_variables : secret.version == "7"]
    ]))
    error_message = "A function takes another version of a secret than the one that was written."
  }
}

# Guards: that a content leads to another deployment for one function and not only for that one.
run "sources" {
  command = plan

  assert {
    condition = alltrue([
      for name, object in google_storage_bucket_object.source : object.name == "${name}/${local.built[name].framework.hash}.zip"
    ])
    error_message = "Sources are not named by their content."
  }
}

# Guards: that those who do not want sign-in, a directory or Search AI get databases, routes and accounts of them.
run "without_sign_in_directory_and_search_ai" {
  command = plan

  variables {
    sign_in   = null
    directory = null
    search_ai = null
    sessions = {
      audience = "https://app.example.com"
      issuer   = "https://app.example.com"
      jwks_url = "https://app.example.com/.well-known/jwks.json"
    }
  }

  assert {
    condition     = length(setintersection(keys(local.deployed), ["answers", "directory", "directory-admin", "directory-sync", "documents", "jwks", "session", "signin"])) == 0
    error_message = "There are ${jsonencode(keys(local.deployed))}."
  }
  assert {
    condition     = keys(local.databases) == ["tokens"] && alltrue([for grant in local.database_grants : grant.database == "tokens"])
    error_message = "There are databases for nothing."
  }
  assert {
    condition     = length([for route in local.routes : route if strcontains(route.path, "/sso/")]) == 0
    error_message = "A route leads to a function that is not there."
  }
  assert {
    condition     = !contains(keys(local.environments["account"]), "SIGN_IN_DATABASE")
    error_message = "account looks for a database that is not there."
  }
}

# Guards: an index of the file that terraform does not make, or makes on all collections.
run "indexes_of_the_directory" {
  command = plan

  assert {
    condition     = length(google_firestore_index.directory) == length(local.directory_indexes.indexes) && length(google_firestore_field.directory) == length(local.directory_indexes.fieldOverrides)
    error_message = "Not every index of indexes.json is made."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.connection_index : length(field.index_config[0].indexes) == 1])
    error_message = "Connections are not found by what they are looked for."
  }
}
