locals {
  services = concat([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudkms.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "compute.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
    ], var.directory == null ? [] : [
    "admin.googleapis.com",
    "iamcredentials.googleapis.com",
    ], var.search_ai == null ? [] : [
    "aiplatform.googleapis.com",
  ])
}

resource "google_project_service" "this" {
  for_each = toset(local.services)

  project = var.project
  service = each.key
  # Somebody else may use it by then.
  disable_on_destroy = false
}
