# The other side of `credential = "federated"`: the app registration believes the functions' own accounts, and there is no client
# secret to keep, to rotate or to lose. federate.sh does the same with the Azure CLI.
#
# Once per client id that the output names: sign-in may have a client of its own.
#
#   terraform -chdir=infra output -json federated_credentials    what to put into `client_id` and `subjects`

terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "~> 3.9"
    }
  }
}

variable "client_id" {
  description = "Application (client) id of the app registration."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.client_id))
    error_message = "client_id is not a GUID."
  }
}

variable "subjects" {
  description = "By function, the unique id of its service account."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.subjects) > 0 && alltrue([for each in values(var.subjects) : can(regex("^[0-9]{10,30}$", each))])
    error_message = "subjects are the numeric ids of service accounts, never their addresses."
  }
}

data "azuread_application" "this" {
  client_id = var.client_id
}

resource "azuread_application_federated_identity_credential" "function" {
  for_each = var.subjects

  application_id = data.azuread_application.this.id
  display_name   = "token-broker-${each.key}"
  description    = "The function ${each.key} of the token broker."
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://accounts.google.com"
  subject        = each.value
}
