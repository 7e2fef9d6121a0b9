mock_resource "google_service_account" {
  defaults = {
    email     = "account@example-broker.iam.gserviceaccount.com"
    member    = "serviceAccount:account@example-broker.iam.gserviceaccount.com"
    name      = "projects/example-broker/serviceAccounts/account@example-broker.iam.gserviceaccount.com"
    unique_id = "100000000000000000001"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    version = "7"
  }
}

mock_resource "google_kms_crypto_key" {
  defaults = {
    id = "projects/example-broker/locations/europe/keyRings/broker/cryptoKeys/key"
  }
}

mock_resource "google_storage_bucket" {
  defaults = {
    project_number = 123456789012
  }
}
