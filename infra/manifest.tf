# What the functions are: generated/manifest.json, which `npm run generate` makes from openapi.yaml and functions/*/config.ts,
# and what `npm run build` has written.
locals {
  manifest = jsondecode(file("${path.module}/generated/manifest.json"))
  built    = jsondecode(file("${var.build}/manifest.json")).functions

  without_sign_in   = var.sign_in == null ? ["jwks", "session", "signin"] : []
  without_directory = var.directory == null ? ["directory", "directory-admin", "directory-sync"] : []
  without_search_ai = var.search_ai == null ? ["answers", "documents"] : []

  # Those that this deployment has.
  deployed = {
    for name, each in local.manifest.functions : name => each
    if !contains(concat(local.without_sign_in, local.without_directory, local.without_search_ai), name)
  }
  internal = { for name, each in local.deployed : name => each.internal if each.internal != null }
  balanced = { for name, each in local.deployed : name => each if each.internal == null }
  routes   = [for route in local.manifest.routes : route if contains(keys(local.deployed), route.function)]

  primary_region = var.regions[0]
  # By "<function>/<region>". The scheduler's functions work through a queue of their own: one region is enough.
  places = merge(
    { for pair in setproduct(keys(local.balanced), var.regions) : "${pair[0]}/${pair[1]}" => { function = pair[0], region = pair[1] } },
    { for name, _ in local.internal : "${name}/${local.primary_region}" => { function = name, region = local.primary_region } },
  )
}

# For monitoring*.tf: whose account and which Cloud Run service (of that name in every region) each function is.
locals {
  functions = {
    for name, each in local.deployed : name => {
      service_account = google_service_account.function[name].email
      service         = local.service_names[name]
      internal        = each.internal != null
    }
  }
  service_names = { for name, _ in local.deployed : name => "broker-${name}" }
}
