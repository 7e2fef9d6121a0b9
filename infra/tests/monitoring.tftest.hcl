# Metrics and alerts.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}
mock_provider "archive" {}

override_resource {
  target          = google_kms_key_ring.broker
  override_during = plan
  values          = { id = "projects/example-broker/locations/europe/keyRings/broker" }
}

# Guards: an alert on decryption that leaves out a function which may (it would never be quiet), or names one which may not (it would
# never fire for it).
run "who_is_expected" {
  command = plan

  assert {
    condition     = length(local.holders["kms.decrypt"]) > 0 && length(local.holders["kms.decrypt"]) == length([for each in local.deployed : each if contains(each.privileges, "kms.decrypt")])
    error_message = "The functions that may decrypt are others than those that are expected to."
  }
  assert {
    condition = alltrue([
      for alert, privilege in { UnexpectedDecrypt = "kms.decrypt", UnexpectedSignature = "kms.sign", TokenDatabaseRead = "firestore." } :
      length(split("NOT ", local.audited[alert])) - 1 == length([
        for each in local.deployed : each if anytrue([for held in each.privileges : startswith(held, privilege)])
      ])
    ])
    error_message = "An alert expects another number of functions than hold the privilege."
  }
}

# Guards: an account of a function in whose name somebody acts unnoticed; and one that is expected to sign, signing as another.
run "who_is_impersonated" {
  command = plan

  assert {
    condition     = length(split(" OR ", split("resource.labels.email_id=(", local.audited.AccountImpersonated)[1])) == length(local.deployed)
    error_message = "The alert leaves out the account of a function."
  }
  assert {
    condition     = length(split("NOT (", local.audited.AccountImpersonated)) - 1 == length([for each in local.deployed : each if contains(each.privileges, "iam.sign_as_itself")])
    error_message = "The alert expects another number of accounts that sign than may."
  }
  # The agents of this project: those of another one may be anybody's.
  assert {
    condition     = strcontains(local.audited.AccountImpersonated, "NOT protoPayload.authenticationInfo.principalEmail=\"service-123456789012@serverless-robot-prod.iam.gserviceaccount.com\"")
    error_message = "The alert does not know the platform's agents by the project's number."
  }
  assert {
    condition     = alltrue([for method in ["GenerateAccessToken", "GenerateIdToken", "SignJwt", "SignBlob", "CreateServiceAccountKey"] : strcontains(local.audited.AccountImpersonated, method)])
    error_message = "The alert leaves out a way to act as an account."
  }
}

# Guards: filters that the platform refuses, and alerts that tell nobody.
run "what_alerts_say" {
  command = plan

  variables {
    notification_channels = ["projects/example-broker/notificationChannels/1"]
  }

  # https://cloud.google.com/logging/quotas: 20,000 characters.
  assert {
    condition     = alltrue([for filter in values(local.audited) : length(filter) < 20000])
    error_message = "A filter is too long."
  }
  assert {
    condition     = alltrue([for each in google_monitoring_alert_policy.speaking : each.notification_channels == tolist(["projects/example-broker/notificationChannels/1"])])
    error_message = "An alert tells nobody."
  }
  assert {
    condition     = alltrue([for each in google_logging_metric.counted : strcontains(each.filter, "jsonPayload.event=(") && startswith(each.name, "broker/")])
    error_message = "A metric counts no event."
  }
  assert {
    condition     = google_monitoring_slo.tokens.goal == 0.999
    error_message = "The goal is another one than the alerts' names say."
  }
}

# Guards: a channel's name in the place of its id.
run "channels" {
  command = plan

  variables {
    notification_channels = ["on-call"]
  }

  expect_failures = [var.notification_channels]
}
