locals {
  # Seconds, and what else differs: the scheduler's calls come one after the other.
  sizes = {
    sweep  = { timeout = 120, concurrency = 1, most = 1 }
    rewrap = { timeout = 300, concurrency = 1, most = 1 }
    probe  = { timeout = 60, concurrency = 1, most = 1 }
    # An answer is told as it is made: longer than the model may take to begin, and then to go on.
    answers        = { timeout = 120, concurrency = 80, most = var.instances.most }
    directory-sync = { timeout = try(var.directory.call_seconds, 480) + 60, concurrency = 1, most = 1 }
  }
  usual = { timeout = 30, concurrency = 80, most = var.instances.most }
}

resource "google_storage_bucket" "sources" {
  project                     = var.project
  name                        = "${var.project}-broker-sources"
  location                    = local.primary_region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  depends_on                  = [google_project_service.this]
}

# Without the code caches: the platform makes them for its own Node, and they are not in the hash (docs/build.md).
data "archive_file" "source" {
  for_each = local.deployed

  type             = "zip"
  output_file_mode = "0644"
  # The folder and not the contents: those would all be in the state.
  source_dir  = "${var.build}/${local.built[each.key].framework.folder}"
  excludes    = setsubtract(fileset("${var.build}/${local.built[each.key].framework.folder}", "**"), keys(local.built[each.key].framework.files))
  output_path = "${path.module}/.build/${each.key}-${local.built[each.key].framework.hash}.zip"
}

resource "google_storage_bucket_object" "source" {
  for_each = local.deployed

  bucket = google_storage_bucket.sources.name
  # Another content is another object, and another object is what makes a deployment.
  name   = "${each.key}/${local.built[each.key].framework.hash}.zip"
  source = data.archive_file.source[each.key].output_path

  lifecycle {
    # What is deployed stays readable until its successor is.
    create_before_destroy = true
  }
}

resource "google_artifact_registry_repository" "images" {
  for_each = toset(var.regions)

  project       = var.project
  location      = each.key
  repository_id = "broker"
  format        = "DOCKER"
  depends_on    = [google_project_service.this]

  cleanup_policies {
    id     = "last-ten"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
  cleanup_policies {
    id     = "older"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }
}

resource "google_cloudfunctions2_function" "this" {
  for_each = local.places

  project  = var.project
  name     = local.service_names[each.value.function]
  location = each.value.region

  build_config {
    runtime           = "nodejs24"
    entry_point       = each.value.function
    docker_repository = google_artifact_registry_repository.images[each.value.region].id
    service_account   = google_service_account.build.id

    source {
      storage_source {
        bucket = google_storage_bucket.sources.name
        object = google_storage_bucket_object.source[each.value.function].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.value.function].email
    ingress_settings                 = contains(keys(local.internal), each.value.function) ? "ALLOW_INTERNAL_ONLY" : "ALLOW_INTERNAL_AND_GCLB"
    available_cpu                    = "1"
    available_memory                 = "512Mi"
    timeout_seconds                  = lookup(local.sizes, each.value.function, local.usual).timeout
    max_instance_request_concurrency = lookup(local.sizes, each.value.function, local.usual).concurrency
    max_instance_count               = lookup(local.sizes, each.value.function, local.usual).most
    min_instance_count               = lookup(var.instances.warm, each.value.function, 0)
    environment_variables            = merge(local.environments[each.value.function], { NODE_ENV = "production" })

    dynamic "secret_environment_variables" {
      for_each = local.function_secrets[each.value.function]
      iterator = secret
      content {
        key        = secret.value
        project_id = var.project
        secret     = google_secret_manager_secret.this[secret.value].secret_id
        version    = google_secret_manager_secret_version.this[secret.value].version
      }
    }
  }

  # A function that starts before it may read refuses its first calls.
  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_kms_crypto_key_iam_member.function,
    google_project_iam_member.build_log,
    google_project_iam_member.build_sources,
    google_project_iam_member.documents,
    google_project_iam_member.predict,
    google_secret_manager_secret_iam_member.function,
    google_storage_bucket_iam_member.build,
  ]

  lifecycle {
    precondition {
      condition     = length(local.unknown_privileges) == 0
      error_message = "identities.tf has no grant for: ${join(", ", local.unknown_privileges)}."
    }
    precondition {
      condition     = alltrue([for variable in local.deployed[each.value.function].required : contains(keys(local.environments[each.value.function]), variable)])
      error_message = "${each.value.function} needs a variable that has no value (environment.tf)."
    }
  }
}

# The balancer calls without an identity, and whether a request may pass is decided in the code: by the user's session, the
# backend's token, or the scheduler's. Where IAM decided, the platform would take the signature off the scheduler's token.
# Nobody reaches a service by its own address: see ingress_settings.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.public_invoker ? local.places : {}

  project  = var.project
  location = each.value.region
  name     = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
