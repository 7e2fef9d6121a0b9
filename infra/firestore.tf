# docs/storage.md has the documents, docs/decisions/0014-what-can-be-recovered.md why recovery differs.
locals {
  databases = merge(
    { tokens = google_firestore_database.tokens.name },
    var.sign_in == null ? {} : { sign_in = google_firestore_database.sign_in[0].name },
    var.directory == null ? {} : { directory = google_firestore_database.directory[0].name },
    var.search_ai == null ? {} : { answers = google_firestore_database.answers[0].name },
  )
}

# Connections and policies. No point-in-time recovery and no backup, now or later: they would keep removed tokens.
resource "google_firestore_database" "tokens" {
  project                           = var.project
  name                              = "broker-tokens"
  location_id                       = var.locations.firestore
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "PREVENT"
  depends_on                        = [google_project_service.this]

  lifecycle {
    prevent_destroy = true
  }
}

# Users and sessions: a deleted user's name and address are gone, too.
resource "google_firestore_database" "sign_in" {
  count = var.sign_in == null ? 0 : 1

  project                           = var.project
  name                              = "broker-sign-in"
  location_id                       = var.locations.firestore
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "PREVENT"
  depends_on                        = [google_project_service.this]

  lifecycle {
    prevent_destroy = true
  }
}

# Which documents answers have cited: the user's, and gone with the account.
resource "google_firestore_database" "answers" {
  count = var.search_ai == null ? 0 : 1

  project                           = var.project
  name                              = "broker-answers"
  location_id                       = var.locations.firestore
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "PREVENT"
  depends_on                        = [google_project_service.this]

  lifecycle {
    prevent_destroy = true
  }
}

# What Google Workspace says, too: nothing secret, and long to read anew.
resource "google_firestore_database" "directory" {
  count = var.directory == null ? 0 : 1

  project                           = var.project
  name                              = "broker-directory"
  location_id                       = var.locations.firestore
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  deletion_policy                   = "PREVENT"
  depends_on                        = [google_project_service.this]

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_firestore_backup_schedule" "directory" {
  count = var.directory == null ? 0 : 1

  project  = var.project
  database = google_firestore_database.directory[0].name
  # Two weeks.
  retention = "1209600s"

  daily_recurrence {}
}

# What expires is removed, within a day of its time; the code does not rely on it.
locals {
  expiring = {
    tokens  = ["flows", "tombstones"]
    sign_in = ["codes", "flows", "sessions"]
    answers = ["owners"]
  }
}

resource "google_firestore_field" "expiry" {
  for_each = merge([
    for database, id in local.databases : {
      for collection in lookup(local.expiring, database, []) : "${database}/${collection}" => { database = id, collection = collection }
    }
  ]...)

  project    = var.project
  database   = each.value.database
  collection = each.value.collection
  field      = "expire_at"

  # A time that only ever grows would make one hot place of its index.
  index_config {}
  ttl_config {}
}

# Written with each renewal, and nothing is found by it.
resource "google_firestore_field" "renewal" {
  count = var.sign_in == null ? 0 : 1

  project    = var.project
  database   = google_firestore_database.sign_in[0].name
  collection = "sessions"
  field      = "renewed_at"

  index_config {}
}

# Connections are found by these, and nothing else of them belongs in an index: least of all the ciphertext.
resource "google_firestore_field" "connection" {
  project    = var.project
  database   = google_firestore_database.tokens.name
  collection = "connections"
  field      = "*"

  index_config {}
}

resource "google_firestore_field" "connection_index" {
  for_each = toset(["account", "authorize_again", "key_version", "provider", "tenant", "user"])

  project    = var.project
  database   = google_firestore_database.tokens.name
  collection = "connections"
  field      = each.key

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION"
    }
  }
}

# The directory's, from the file that the adapter's tests read, too.
locals {
  directory_indexes = jsondecode(file("${path.module}/../functions/adapters/firestore/indexes.json"))
}

resource "google_firestore_index" "directory" {
  for_each = var.directory == null ? {} : { for each in local.directory_indexes.indexes : join("/", concat([each.collectionGroup], each.fields[*].fieldPath)) => each }

  project     = var.project
  database    = google_firestore_database.directory[0].name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

resource "google_firestore_field" "directory" {
  for_each = var.directory == null ? {} : { for each in local.directory_indexes.fieldOverrides : "${each.collectionGroup}/${each.fieldPath}" => each }

  project    = var.project
  database   = google_firestore_database.directory[0].name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        query_scope  = indexes.value.queryScope
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
      }
    }
  }
}
