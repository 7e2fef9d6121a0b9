resource "google_kms_key_ring" "broker" {
  project    = var.project
  name       = "broker"
  location   = var.locations.keys
  depends_on = [google_project_service.this]

  lifecycle {
    prevent_destroy = true
  }
}

# Wraps the data key of each connection. Old versions decrypt until the re-wrap function has counted to zero (docs/operations.md).
resource "google_kms_crypto_key" "tokens" {
  name     = "tokens"
  key_ring = google_kms_key_ring.broker.id
  purpose  = "ENCRYPT_DECRYPT"
  # 90 days.
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}

# Signs the broker's own sessions. An asymmetric key does not rotate by itself: see session_key_version.
resource "google_kms_crypto_key" "sessions" {
  name     = "sessions"
  key_ring = google_kms_key_ring.broker.id
  purpose  = "ASYMMETRIC_SIGN"

  version_template {
    algorithm = "EC_SIGN_P256_SHA256"
  }

  lifecycle {
    prevent_destroy = true
  }
}
