# Who used a key, read a document or a secret. Without DATA_READ none of this is logged, and no alert on it can fire.
resource "google_project_iam_audit_config" "this" {
  for_each = toset([
    "cloudkms.googleapis.com",
    # Firestore: its audit log is configured by this name, and written under firestore.googleapis.com
    # (https://cloud.google.com/firestore/docs/audit-logging).
    "datastore.googleapis.com",
    "secretmanager.googleapis.com",
  ])

  project = var.project
  service = each.key

  audit_log_config {
    log_type = "DATA_READ"
  }
}

# Who made a token or a signature in the name of an account: Service Account Credentials are configured by IAM's name. Pages of
# Google disagree on which of the two kinds those calls are (https://cloud.google.com/iam/docs/audit-logging/audit-logging-iamcreds).
resource "google_project_iam_audit_config" "impersonation" {
  project = var.project
  service = "iam.googleapis.com"

  audit_log_config {
    log_type = "ADMIN_READ"
  }
  audit_log_config {
    log_type = "DATA_READ"
  }
}

# Request logs of the platform have the whole URL; some name a person, a document or what somebody searched for, and a callback's has
# the provider's code. The balancer does not log the functions of those paths (edge.tf), Cloud Run always does: what it writes is
# dropped before it is stored. A sink of an organization that copies a project's logs needs the same exclusion
# (docs/infrastructure.md).
resource "google_logging_project_exclusion" "codes" {
  project     = var.project
  name        = "broker-callback-requests"
  description = "Request logs of these paths would keep authorization codes, names of users and documents, and searches."
  filter      = "httpRequest.requestUrl =~ \"${local.unlogged_pattern}\""
  depends_on  = [google_project_service.this]
}

locals {
  # The paths at any host, and whatever begins with one of them: a URL that is mistyped behind it says as much.
  unlogged_pattern = "^https?://[^/]+(${join("|", [for path in local.manifest.unlogged_paths : replace(path, "*", "[^/?]+")])})([/?]|$)"
}
